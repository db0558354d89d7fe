"""The goals, and whether the same run reaches them."""
from rounds import table
from watches import AFTER

MANY = 10000  # Idle watches of the goals.


def _ratio(facts, of, key, peer):
    values = facts.get(of, {})
    return values[key] / values[peer] if key in values and peer in values else None


def _watch(facts, part, count):
    return facts.get("watches", {}).get(("plain", count), {}).get(part)


def goals(bench):
    """The table. A goal whose section did not run says so."""
    facts = bench.facts
    most = max((count for kind, count in facts.get("watches", {}) if kind == "plain"), default=None)
    each = _watch(facts, "each", most)
    allocated = facts.get("allocated", {})
    extra = allocated["fairlead"] - allocated["bare"] if allocated else None
    seconds, resident, cpu = (_watch(facts, part, most) if most and most >= 9000 else None for part in ("seconds", "resident", "cpu"))
    many = f"{MANY:,} idle watches"
    if resident and most != MANY:
        # What each costs beside what the process takes anyway is known; time and CPU grow with the number.
        seconds, resident, cpu = seconds * MANY / most, resident + each * (MANY - most), cpu * MANY / most
        many += f" (from what {most:,} take)"
    # What, what was found, must, goal, whether less is better, digits, unit.
    rows = [
        ("CPU per small request against `kubectl proxy`", _ratio(facts, "cpu", "fairlead", "kubectl"), 0.60, 0.45, True, 2, ""),
        ("CPU per small request against bare YARP", _ratio(facts, "cpu", "fairlead", "bare"), 1.15, 1.0, True, 2, ""),
        ("CPU per small request against HAProxy", _ratio(facts, "cpu", "fairlead", "haproxy"), 2.3, 1.6, True, 2, ""),
        ("requests per second against Backstage's proxy, times", _ratio(facts, "rps", "fairlead", "backstage"), 50, 80, False, 0, ""),
        ("p99 at half of Fairlead's peak against nginx, times", _ratio(facts, "p99", "fairlead", "nginx"), 2, 1.5, True, 2, ""),
        (f"an idle watch, of {most:,}" if most else "an idle watch", each and each / 1000, 25, 20, True, 1, " KB"),
        (f"{many}: open within", seconds, 10, None, True, 1, " s"),
        (f"{many}: resident", resident and resident / 1e6, 350, 250, True, 0, " MB"),
        (f"{many}: of a core, {AFTER + bench.size.quiet} s after the last one was open", cpu, 2, None, True, 1, " %"),
        ("first byte of a watch event added, p50", facts.get("event-plain"), 500, 300, True, 0, " us"),
        ("start to ready, server, with `DOTNET_EnableDiagnostics=0`", facts.get("ready"), 400, 250, True, 0, " ms"),
        ("start to end, command line", facts.get("cli"), 100, 60, True, 0, " ms"),
        (f"{bench.size.gib:g} GiB through the service door, speed against nginx", facts.get("transfer"), 0.75, 0.9, False, 2, ""),
        ("allocated per request beyond bare YARP", extra, 1500, 0, True, 0, " B"),
    ]
    return table(["", "must", "goal", "measured", ""], [_row(*row) for row in rows])


def _row(what, found, must, goal, less, digits, unit):
    def meets(limit):
        return found <= limit if less else found >= limit

    def shown(value):
        return "-" if value is None else f"{value:,.{digits}f}{unit}"

    if found is None:
        verdict = "not measured"
    elif goal is not None and meets(goal):
        verdict = "goal met"
    elif meets(must):
        verdict = "met" if goal is None else "must met, goal not"
    else:
        verdict = "**not met**"
    return [what, shown(must), shown(goal), shown(found), verdict]
