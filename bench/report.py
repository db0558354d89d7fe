"""Writes the table of a run: report.py ROUNDS_FILE WATCHES RSS_BEFORE_KB RSS_AFTER_KB START_MS..."""
import os
import platform
import statistics
import sys

rounds_file, watches, before, after, *starts = sys.argv[1:]
names = {"kubectl": "kubectl proxy", "nginx": "nginx, 1 worker", "bare": "bare YARP", "fairlead": "Fairlead"}


def milliseconds(text):
    for unit, factor in (("us", 0.001), ("ms", 1.0), ("s", 1000.0)):
        if text.endswith(unit):
            return float(text[: -len(unit)]) * factor
    return float(text)


runs = {}
with open(rounds_file, encoding="utf-8") as lines:
    for line in lines:
        peer, rate, p50, p99, cpu = line.split()
        runs.setdefault(peer, []).append((float(rate), milliseconds(p50), milliseconds(p99), float(cpu)))

base = statistics.median(run[3] for run in runs["kubectl"])
print("# Results\n")
print(f"One run of `bench/run.sh` on {os.cpu_count()} cores ({platform.machine()}), shared by client, peers and upstream: compare the rows, not the numbers")
print("with those of another machine. wrk, 32 connections, 1.8 KB of JSON over one TLS upstream; medians of the rounds, CPU with its spread.\n")
print("| | requests/s | p50 ms | p99 ms | CPU per request, us (min to max) | CPU against kubectl proxy |")
print("|---|---|---|---|---|---|")
for peer, values in runs.items():
    rate, p50, p99, cpu = (statistics.median(column) for column in zip(*values))
    spread = [value[3] for value in values]
    print(f"| {names[peer]} | {rate:,.0f} | {p50:.2f} | {p99:.2f} | {cpu:.0f} ({min(spread):.0f} to {max(spread):.0f}) | {cpu / base:.2f} |")
print(f"\n- Idle watches: {(int(after) - int(before)) / int(watches):.1f} KB of resident memory each ({watches} watches, each on a client connection of its own).")
print(f"- Start to ready: {statistics.median(int(ms) for ms in starts)} ms, median of {len(starts)}.")
