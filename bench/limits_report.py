"""Prints the results of limits.sh."""
import os
import statistics
import sys

work, limited, before, resident, peak = sys.argv[1:]


def rows(kind):
    return [[int(cell) for cell in line.split()] for line in open(os.path.join(work, kind))]


def column(kind, index):
    return [row[index] for row in rows(kind)]


def spread(values):
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


names = {"idle": "nobody else", "known": "a known caller who floods over 64 connections", "unknown": "somebody unknown who floods over 64 connections"}
idle = statistics.median(column("idle", 1))
print(f"""# Results of the limits

One run of `bench/limits.sh` on {os.cpu_count()} cores that clients, gateway and upstream share; medians of {len(rows("idle"))} rounds in turn, least and greatest in brackets. The limits are the default ones.

One caller sends 100 requests a second over one connection, and waits (from when each was due):

| beside | p50 us | p99 us | p99 against idle | not answered 200 | of the flood, let in a second | refused a second |
|---|---|---|---|---|---|---|""")
for kind, name in names.items():
    flood = os.path.join(work, kind + ".flood")
    let_in, refused = (f"{statistics.median(float(line.split()[part]) for line in open(flood)):,.0f}" if os.path.exists(flood) else "-" for part in (0, 1))
    p99 = column(kind, 1)
    print(f"| {name} | {spread(column(kind, 0))} | {spread(p99)} | {statistics.median(p99) / idle:.2f} | {sum(column(kind, 2))} | {let_in} | {refused} |")
crowd = open(os.path.join(work, "crowd")).read().split("\n")[0].removeprefix("done ")
print(f"""
Of requests that flood, `limits.rate.perCaller` in a second get through in the long run, and twice as many at once; the other answers are 429, a second late, so the flood itself spends no CPU on them. (Somebody unknown is let in because the cluster judges their token, and the one here takes any.)

16 callers try 256 watches and 256 shells each, over a TLS connection for each, to TLS upstreams; {limited}: {crowd}.

| | MiB resident |
|---|---|
| before | {int(before) / 1024:.0f} |
| with all that were let in | {int(resident) / 1024:.0f} |
| at most | {int(peak) / 1024:.0f} |""")
