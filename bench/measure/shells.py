"""Sessions of exec: what a message takes there and back."""
from statistics import median

import gateway
from bench import TOKEN, progress
from rounds import cell, table

SIZES = ((1, "1 B"), (64 << 10, "64 KiB"))


def measure(bench):
    peer = bench.peer(gateway.Fairlead)
    path = "/api/v1/namespaces/default/pods/p/exec?command=cat&stdin=true&stdout=true"
    ways = (bench.addresses["plain"].replace("http:", "ws:") + path, f"ws://127.0.0.1:{peer.port}/clusters/c{path}")
    found = {(size, way): [] for size, _ in SIZES for way in (0, 1)}
    for number in range(bench.size.others):
        progress(f"exec: round {number + 1} of {bench.size.others}")
        for size, _ in SIZES:
            for way, url in enumerate(ways):
                found[size, way].append(bench.figures("exec", url, TOKEN, size, bench.size.tool_seconds))
    rows = []
    for size, title in SIZES:
        added = median(one["p50"] for one in found[size, 1]) - median(one["p50"] for one in found[size, 0])
        rows.append([title, *(cell(one[part] for one in found[size, way]) for part in ("p50", "p99") for way in (0, 1)), f"{added:,.0f}"])
    bench.say("exec", "A WebSocket session of `exec` at the cluster door whose other end sends back what comes: us there and back, one message after the other; straight to the upstream without TLS, and through Fairlead, which reaches it over TLS.\n\n" + table(
        ["message", "p50 straight", "p50 through Fairlead", "p99 straight", "p99 through Fairlead", "added at p50"], rows))
