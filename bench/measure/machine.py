"""What a run ran on, and with."""
import datetime
import json
import os
import platform
import re
import subprocess

from bench import ROOT
from processes import Failure, run


def _first(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def commit():
    """What runs, where this is a checkout. To be asked before the report changes the checkout."""
    try:
        return f"Commit {run(['git', '-C', ROOT, 'describe', '--always', '--dirty']).strip()}, "
    except (Failure, FileNotFoundError):
        return ""


def about(bench):
    """Lines for the head of a report."""
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")), platform.machine())
    memory = int(re.search(r"MemTotal:\s+(\d+)", open("/proc/meminfo", encoding="utf-8").read()).group(1)) / 1e6
    wanted = json.loads((ROOT / "bench/backstage/package.json").read_text())["dependencies"]
    yarp = re.search(r'Yarp.ReverseProxy" Version="([^"]+)', (ROOT / "Directory.Packages.props").read_text()).group(1)
    versions = [
        _first(["nginx", "-v"]).replace("nginx version: ", ""), re.match(r"HAProxy version \S+", _first(["haproxy", "-v"])).group(0),
        "kubectl " + json.loads(run([bench.kubectl, "version", "--client", "-o", "json"]))["clientVersion"]["gitVersion"],
        f"@backstage/plugin-kubernetes-backend {wanted['@backstage/plugin-kubernetes-backend']} on Node {_first(['node', '--version'])}", f"YARP {yarp}",
        ".NET SDK " + _first(["dotnet", "--version"]),
        _first(["wrk", "-v"]).split(" [")[0], _first(["h2load", "--version"])]
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return (f"{bench.facts['commit']}{today}, on {os.cpu_count()} cores ({cpu}), {memory:.0f} GB of memory, Linux {platform.release().split('-')[0]}. With {', '.join(versions)}.\n\n"
            f"Client, proxy and upstream share the cores: the ratios count, the absolute numbers do not. Cells are the median of {bench.size.rounds} rounds in turn{'' if bench.size.rounds == bench.size.others else f' (small requests; {bench.size.others} elsewhere)'}, and in brackets the least and the greatest; for starts and idle watches it is said how often they were measured. How it is measured: `bench/README.md`.")
