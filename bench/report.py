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

def cell(values, digits):
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def ratio(peer, column):
    medians = [statistics.median(run[column] for run in runs[name]) for name in (peer, "kubectl")]
    return f"{medians[0] / medians[1]:.2f}"


print("# Results\n")
print(f"One run of `bench/run.sh` on {os.cpu_count()} cores ({platform.machine()}), shared by client, peers and upstream: the ratios count, the absolute")
print("numbers do not. wrk, 32 connections, 1.8 KB of JSON over one TLS upstream; medians of the rounds, with the least and the greatest.\n")
print("| | requests/s | p50 ms | p99 ms | CPU per request, us | requests/s against kubectl proxy | CPU against kubectl proxy |")
print("|---|---|---|---|---|---|---|")
for peer, values in runs.items():
    rates, p50s, p99s, cpus = zip(*values)
    print(f"| {names[peer]} | {cell(rates, 0)} | {cell(p50s, 2)} | {cell(p99s, 2)} | {cell(cpus, 0)} | {ratio(peer, 0)} | {ratio(peer, 3)} |")
print(f"\n- Idle watches: {(int(after) - int(before)) / int(watches):.1f} KB of resident memory each ({int(watches):,} watches, each on a client connection of its own).")
print(f"- Start to ready: {statistics.median(int(ms) for ms in starts)} ms, median of {len(starts)} ({min(starts, key=int)} to {max(starts, key=int)}).")
