"""From the start of a process to ready, and what 500 clusters cost beside one."""
import base64
import subprocess
import time
from statistics import median

import gateway
import loads
from bench import progress
from processes import run, until_up
from rounds import Case, cell, in_turn, table

MANY, BROKEN = 500, range(10, 20)
SEALED, OPEN = {"DOTNET_EnableDiagnostics": "0"}, {"DOTNET_EnableDiagnostics": "1"}


def _ready(peer, env):
    """Milliseconds from the start to the first 200 of /readyz."""
    began = time.perf_counter()
    peer.start(wait=False, env=env)
    until_up(peer.process, peer.ready, pause=0.002)
    took = (time.perf_counter() - began) * 1000
    peer.stop()
    return took


def starts(bench):
    peer = gateway.Fairlead(bench, name="fairlead-starts")
    progress("starts of the server")
    _ready(peer, SEALED)  # The first one reads the file from the disk.
    server, again = zip(*((_ready(peer, SEALED), _ready(peer, OPEN)) for _ in range(bench.size.starts)))
    bench.facts["ready"] = median(server)
    rows = [["server, published as it is shipped, to the first 200 of `/readyz`, with `DOTNET_EnableDiagnostics=0` as the image and `run.sh` set it", f"{len(server)}", cell(server)],
            ["the same without that: it starts itself once more in its own place, closed to debuggers", f"{len(again)}", cell(again)]]
    if bench.cli:
        progress("starts of the command line")
        run([bench.cli, "--version"])
        native = []
        for _ in range(bench.size.starts * 3):
            began = time.perf_counter()
            subprocess.run([bench.cli, "--version"], stdout=subprocess.DEVNULL, check=True)
            native.append((time.perf_counter() - began) * 1000)
        bench.facts["cli"] = median(native)
        rows.append(["command line, compiled to native code, `fairlead --version` from start to end", f"{len(native)}", cell(native)])
    else:
        bench.not_measured.append("start of the command line: a quick run does not compile it to native code")
    bench.say("starts", table(["", "times", "ms"], rows))


def _more(bench):
    """The clusters beside the first: half with a client certificate, ten that are broken."""
    data = {name: base64.b64encode((bench.work / name).read_bytes()).decode() for name in ("ca.crt", "peer.crt", "peer.key")}
    lines = []
    for number in range(1, MANY):
        authority = "caFile: /nowhere/ca.crt" if number in BROKEN else f"caData: {data['ca.crt']}"
        credential = f"authProvider: clientCertificate, clientCertData: {data['peer.crt']}, clientKeyData: {data['peer.key']}" if number % 2 else "authProvider: serviceAccount, serviceAccountToken: SA"
        lines.append(f"        - {{ name: c{number}, url: \"https://10.0.{number // 250}.{number % 250 + 1}:6443\", {authority}, {credential} }}")
    return "\n".join(lines)


def clusters(bench):
    both = {"one": gateway.Fairlead(bench, name="fairlead-one"), "many": gateway.Fairlead(bench, name="fairlead-many", more=_more(bench))}
    ready = {key: [] for key in both}
    for number in range(bench.size.starts):
        progress(f"clusters: start {number + 1} of {bench.size.starts}")
        for key, peer in both.items():
            ready[key].append(_ready(peer, SEALED))
    titles = {"one": "its three clusters", "many": f"{MANY - 1} more, {len(BROKEN)} of them broken"}
    cases = []
    for key, peer in both.items():
        peer.start()
        until_up(peer.process, peer.url, peer.headers)
        cases.append(Case(key, titles[key], peer, lambda seconds, peer=peer, key=key: loads.wrk(bench.work, titles[key], peer.url, seconds, peer.headers)))
    samples = in_turn("clusters", cases, bench.size.others, bench.size.short, bench.size.warm)
    rows = [[titles[key], cell(ready[key]), cell(sample.per_second for sample in samples[key]), cell((sample.cpu for sample in samples[key]), 1), cell(sample.allocated for sample in samples[key]), f"{both[key].process.resident() / 1e6:,.0f}"] for key in both]
    for peer in both.values():
        peer.stop()
    bench.say("clusters", f"Fairlead with many clusters in its configuration beside itself without; small GETs to the first one. {bench.size.starts} starts of each.\n\n" + table(
        ["", "start to ready, ms", "requests/s", "CPU us per request", "bytes allocated per request", "MB resident after it"], rows))
