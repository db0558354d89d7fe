"""Idle watches: what one costs, how long they take to open, what an event goes through, and what happens when all come back at once."""
import json
import resource
import time
from statistics import median

import gateway
from bench import PATH, TOKEN, progress
from processes import PIPE, Failure
from rounds import cell, table

AFTER = 5  # Seconds from the last one that was opened to the look at memory.
STORM = 1000  # So many watches come back at once.
EVENTS = (10, 20)  # Watches, and milliseconds between the events of each.


class Held:
    """Watches that are open."""

    def __init__(self, bench, url, count, authority=None):
        self.process = bench.tool("watches", url, TOKEN, count, bench.addresses["plain"], *([authority] if authority else []), stdin=PIPE, stdout=PIPE)
        self.opened = self.read()

    def read(self):
        line = self.process.popen.stdout.readline()
        if not line:
            raise Failure(f"the watches do not hold:\n{self.process.tail()}")
        return json.loads(line)

    def order(self, what):
        self.process.popen.stdin.write(what + "\n")
        self.process.popen.stdin.flush()
        return self.read()

    def close(self):
        self.process.popen.stdin.close()
        self.process.popen.wait(60)
        self.process.stop()


def measure(bench):
    kinds = (("plain", "HTTP/1.1, a connection each", lambda peer: peer.url, None), ("tls", "HTTP/2 over TLS, 200 to a connection", lambda peer: peer.tls_url, bench.work / "peer.crt"))
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    room = (files - 1400) // 2000 * 1000
    idle, fans, storms = [], [], []
    bench.plots["memory"] = ("Memory by number of idle watches", "MB resident", {})
    for key, title, address, authority in kinds:
        line = bench.plots["memory"][2][title] = []
        for wanted in bench.size.watches:
            count = wanted if authority else min(wanted, room)
            if count != wanted:
                bench.not_measured.append(f"{wanted:,} watches over HTTP/1.1: a process may have {files:,} files open here, and Fairlead counts two for each client connection; {count:,} instead")
            found = [_hold(bench, title, address, count, authority) for _ in range(bench.size.held if wanted == max(bench.size.watches) else 1)]
            facts = bench.facts.setdefault("watches", {})[key, count] = {part: median(one[part] for one in found) for part in ("each", "seconds", "resident", "cpu")}
            line.append((count, facts["resident"] / 1e6))
            idle.append([title, f"{count:,}", cell((one["each"] / 1000 for one in found), 1), cell(one["resident"] / 1e6 for one in found), *(cell((one[part] for one in found), 1) for part in ("seconds", "headersP50", "headersP99", "firstP50", "firstP99", "settling", "cpu"))])
            fans.append([title, f"{count:,}", *(cell((fan[part] / 1000 for one in found for fan in one["fan"]), 1) for part in ("first", "p50", "p99", "last"))])
            if count == STORM:
                storm = found[0]["storm"]
                storms.append([title, f"{count:,}", cell((one["seconds"] for one in storm), 2), cell(one["retries"] for one in storm)])
    bench.say("watches", f"Idle watches at the cluster door, opened 64 at a time; the upstream sends an event to each at once. Memory is the growth of the process {AFTER} s after the last one was open, in a process that has served 100 before; no collection is forced. CPU is that of the {bench.size.idle} s of silence after that, in which the compiler goes on with what opening them has made hot, and of {bench.size.idle} s more, {bench.size.quiet} s after the memory. {bench.size.held} times the largest number, by a process of its own each time; once each other number.\n\n" + table(
        ["clients", "watches", "KB each", "MB resident", "s to open all", "ms to the headers, p50", "p99", "ms to the first event, p50", "p99", "% of a core at first", "% of a core later"], idle))
    bench.say("watches", "Fan-out: one event to all of them, ms from the moment it was made.\n\n" + table(["clients", "watches", "first", "p50", "p99", "last"], fans))
    if storms:
        bench.say("watches", "Reconnect storm: the upstream breaks the connections of all watches, the clients come back at once, until the last one has its first event. A retry is a client that was broken off again, or refused.\n\n" + table(["clients", "watches", "s", "retries"], storms))
    _events(bench)


def _hold(bench, title, address, count, authority):
    """A process of its own that holds so many: what they take, and how long everything lasts."""
    progress(f"{count:,} watches, {title}")
    peer = gateway.Fairlead(bench, name="fairlead-watches")
    url = address(peer) + "?watch=1&first=1"
    peer.start()
    Held(bench, url, 100, authority).close()  # Code and pools that every process has once.
    time.sleep(2)
    before = peer.process.resident()
    held = Held(bench, url, count, authority)
    time.sleep(AFTER)
    resident = peer.process.resident()
    settling = _cpu(peer, bench.size.idle)
    time.sleep(bench.size.quiet - bench.size.idle)
    cpu = _cpu(peer, bench.size.idle)
    fan = [held.order("fan") for _ in range(bench.size.others)]
    storm = [held.order("storm") for _ in range(bench.size.others)] if count == STORM else []
    peer.verify()
    held.close()
    peer.stop()
    return {**held.opened, "each": (resident - before) / count, "resident": resident, "settling": settling, "cpu": cpu, "fan": fan, "storm": storm}


def _cpu(peer, seconds):
    """Percent of a core."""
    before = peer.process.cpu()
    time.sleep(seconds)
    return (peer.process.cpu() - before) / seconds * 100


def _events(bench):
    count, every = EVENTS
    peer = bench.peer(gateway.Fairlead)
    query = f"{PATH}?watch=1&every={every}"
    cases = (("plain", "HTTP/1.1", bench.addresses["plain"] + query, f"{peer.url}?watch=1&every={every}", (None, None)),
             ("tls", "HTTP/2 over TLS", bench.addresses["tls"] + query, f"{peer.tls_url}?watch=1&every={every}", (bench.work / "ca.crt", bench.work / "peer.crt")))
    found = {(key, way): [] for key, *_ in cases for way in (0, 1)}
    for number in range(bench.size.others):
        progress(f"events: round {number + 1} of {bench.size.others}")
        for key, _, straight, through, authorities in cases:
            for way, url in enumerate((straight, through)):
                found[key, way].append(bench.figures("events", url, TOKEN, count, bench.size.tool_seconds, *filter(None, [authorities[way]])))
    rows = []
    for key, title, *_ in cases:
        added = bench.facts[f"event-{key}"] = median(one["p50"] for one in found[key, 1]) - median(one["p50"] for one in found[key, 0])
        rows.append([title, *(cell(one[part] for one in found[key, way]) for part in ("p50", "p99") for way in (0, 1)), f"{added:,.0f}"])
    bench.say("watches", f"Latency of events, us from the moment one is made to when the client has it: {count} watches with {1000 // every} events a second each; straight from the upstream over the same protocol, and through Fairlead (whose way to the upstream is HTTP/2 over TLS in both cases).\n\n" + table(
        ["clients", "p50 straight", "p50 through Fairlead", "p99 straight", "p99 through Fairlead", "added at p50"], rows))
