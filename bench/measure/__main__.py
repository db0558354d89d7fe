"""Runs the benchmark; bench/run.sh installs and builds what it needs first."""
import argparse
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import bench
import machine
import plots
import processes
import report
import shells
import small
import starts
import transfers
import watches
import workloads

SECTIONS = {
    "starts": starts.starts, "requests": small.measure, "lists": workloads.lists, "posts": workloads.posts, "doors": workloads.doors, "logins": workloads.logins, "protocols": workloads.protocols,
    "watches": watches.measure, "exec": shells.measure, "transfers": transfers.measure, "clusters": starts.clusters}


def main():
    parser = argparse.ArgumentParser(prog="bench/run.sh")
    parser.add_argument("--quick", action="store_true", help="less of everything, under three minutes; writes into artifacts/bench/report")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)  # That the arguments are right, before anything is installed.
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"only these, into artifacts/bench/report: {', '.join(SECTIONS)}")
    for name in ("server", "cli", "kubectl"):
        parser.add_argument(f"--{name}", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := [name for name in options.sections if name not in SECTIONS]:
        parser.error(f"no such section: {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    if options.check:
        return 0

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    run = bench.Bench(size=bench.QUICK if options.quick else bench.FULL, work=Path(tempfile.mkdtemp(prefix="fairlead-bench-")), server=options.server, cli=options.cli, kubectl=options.kubectl)
    try:
        run.facts["commit"] = machine.commit()
        run.start_upstream()
        for name, section in SECTIONS.items():
            if not options.sections or name in options.sections:
                bench.progress(f"== {name}")
                section(run)
        for peer in run.peers.values():
            peer.verify()
        folder = bench.ROOT / ("artifacts/bench/report" if options.quick or options.sections else "bench")
        plots.draw(run, folder / "results")
        (folder / "RESULTS.md").write_text(report.write(run))
        print((folder / "RESULTS.md").read_text())
        bench.progress(f"took {time.monotonic() - began:.0f} s")
        return 0
    except processes.Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, signal.SIG_IGN)  # So that nothing is left behind.
        processes.stop_all()
        shutil.rmtree(run.work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
