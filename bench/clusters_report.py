"""Turns the measurements of clusters.sh into a table: medians with their spread, and what 500 clusters cost more than one."""
import sys
from statistics import median

values = {}
for line in open(sys.argv[1]):
    what, clusters, first, second = line.split()
    values.setdefault((what, clusters), []).append((float(first), float(second)))


def shown(what, clusters, column=0, scale=1.0):
    numbers = [value[column] / scale for value in values[what, clusters]]
    return median(numbers), f"{median(numbers):,.0f} ({min(numbers):,.0f} to {max(numbers):,.0f})"


rows = [("start to ready, ms", "start", 0, 1000.0), ("CPU per request, us", "request", 0, 1.0), ("requests per second", "request", 1, 1.0)]
print("# 500 clusters beside one\n\nMedians (spread) of one run of `bench/clusters.sh`; ten of the 500 are broken. On shared cores: compare within the run only.\n")
print("| | 1 cluster | 500 clusters | difference |\n|---|---|---|---|")
for name, what, column, scale in rows:
    (one, one_text), (many, many_text) = shown(what, "1", column, scale), shown(what, "500", column, scale)
    difference = f"{many - one:+,.0f} ms" if what == "start" else f"{many / one:.2f} times"
    print(f"| {name} | {one_text} | {many_text} | {difference} |")
