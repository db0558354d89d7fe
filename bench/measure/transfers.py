"""Long bodies through the service door, beside nginx, over one plain HTTP/1.1 upstream."""
from statistics import median

import gateway
import peers
from bench import PATH, progress
from processes import run
from rounds import cell, table


def measure(bench):
    nginx, fairlead = bench.peer(peers.Nginx), bench.peer(gateway.Fairlead)
    size = int(bench.size.gib * (1 << 30))
    file = bench.work / "transfer"
    with open(file, "wb") as sparse:
        sparse.truncate(size)
    ways = {"straight": ("no proxy", bench.addresses["plain"] + PATH, None), "nginx": ("nginx", f"http://127.0.0.1:{nginx.port}/web/x", nginx.process),
            "fairlead": ("Fairlead", f"http://127.0.0.1:{fairlead.port}/serviceproxy/default/web/x", fairlead.process)}
    seconds, cpu = {}, {}
    resident = [fairlead.process.resident()]
    for number in range(bench.size.others):
        progress(f"transfers: round {number + 1} of {bench.size.others}")
        for direction, options in (("down", []), ("up", ["-X", "POST", "-H", "Expect:", "-T", file])):
            for key, (_, url, process) in ways.items():
                before = process.cpu() if process else 0
                query = f"?bytes={size}" if direction == "down" else ""
                took = run(["curl", "-sf", "-m", "120", "-o", "/dev/null", "-w", "%{time_total}", "-H", f"Authorization: {fairlead.headers['Authorization']}", *options, url + query])
                seconds.setdefault((key, direction), []).append(float(took))
                cpu.setdefault((key, direction), []).append((process.cpu() if process else 0) - before)
                resident.append(fairlead.process.resident())
    file.unlink()
    rows = [[title, *(text for direction in ("down", "up") for text in (cell(seconds[key, direction], 2), cell(cpu[key, direction], 2) if process else "-"))] for key, (title, _, process) in ways.items()]
    bench.facts["transfer"] = median(seconds["nginx", "down"]) / median(seconds["fairlead", "down"])
    bench.say("transfers", f"{bench.size.gib:g} GiB through the service door, the Service at its own address over plain HTTP/1.1; `curl`.\n\n" + table(["", "down, s", "CPU s of the proxy", "up, s", "CPU s of the proxy"], rows) +
              f"\n\nResident memory of Fairlead: {resident[0] / 1e6:,.0f} MB before, {max(resident) / 1e6:,.0f} MB at the most after one.")
