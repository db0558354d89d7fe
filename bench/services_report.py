"""Writes the table of a run of services.sh: services_report.py ROUNDS_FILE TRANSFERS_FILE RSS_BEFORE_KB RSS_PEAK_KB"""
import os
import platform
import statistics
import sys

rounds_file, transfers_file, before, peak = sys.argv[1:]
names = {"nginx": "nginx, 1 worker", "portal": "Fairlead, static token and rule", "own": "Fairlead, the caller's cluster token", "straight": "no proxy"}


def milliseconds(text):
    for unit, factor in (("us", 0.001), ("ms", 1.0), ("s", 1000.0)):
        if text.endswith(unit):
            return float(text[: -len(unit)]) * factor
    return float(text)


def cell(values, digits):
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


runs, transfers = {}, {}
with open(rounds_file, encoding="utf-8") as lines:
    for line in lines:
        peer, rate, p50, p99, cpu = line.split()
        runs.setdefault(peer, []).append((float(rate), milliseconds(p50), milliseconds(p99), float(cpu)))
with open(transfers_file, encoding="utf-8") as lines:
    for line in lines:
        way, peer, seconds = line.split()
        transfers.setdefault((way, peer), []).append(float(seconds))

print("# Results of the service door\n")
print(f"One run of `bench/services.sh` on {os.cpu_count()} cores ({platform.machine()}), shared by client, proxies and upstream: the ratios count, the absolute")
print("numbers do not. wrk, 32 connections, 1.8 KB over one plain HTTP/1.1 upstream; medians of the rounds, with the least and the greatest.\n")
print("| | requests/s | p50 ms | p99 ms | CPU per request, us | requests/s against nginx | CPU against nginx |")
print("|---|---|---|---|---|---|---|")
base = [statistics.median(run[i] for run in runs["nginx"]) for i in range(4)]
for peer, values in runs.items():
    rates, p50s, p99s, cpus = zip(*values)
    print(f"| {names[peer]} | {cell(rates, 0)} | {cell(p50s, 2)} | {cell(p99s, 2)} | {cell(cpus, 0)} | {statistics.median(rates) / base[0]:.2f} | {statistics.median(cpus) / base[3]:.2f} |")
print("\n| 1 GiB | down, s | up, s |")
print("|---|---|---|")
for peer in ("straight", "nginx", "portal"):
    print(f"| {names[peer] if peer != 'portal' else 'Fairlead'} | {cell(transfers['down', peer], 2)} | {cell(transfers['up', peer], 2)} |")
print(f"\n- Resident memory of Fairlead: {int(before) / 1024:.0f} MB before the transfers, {int(peak) / 1024:.0f} MB at the most after one.")
