"""What all sections of a run share: its size, its folder, its upstream, and what it has found."""
import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from processes import Failure, Process, run

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "bench-token-of-a-portal"
PATH = "/api/v1/namespaces/default/configmaps"


def progress(text):
    """Tells whoever waits."""
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int             # of the main table
    others: int             # rounds of the other tables
    seconds: int            # of a round of the main table
    short: int              # of a round of the other tables
    warm: int               # before the first round of a process that has just started
    settle: int             # the same for the main table: runtimes compile for long
    watches: tuple          # how many at once
    idle: float             # how long idle watches are looked at
    quiet: float            # how long they are left alone before that, no less: runtimes go on compiling
    held: int               # processes that hold the largest number of them, one after the other
    starts: int
    gib: float              # of a transfer
    tool_seconds: int       # of events and of exec


FULL = Size(rounds=5, others=5, seconds=6, short=2, warm=6, settle=45, watches=(1000, 5000, 10000), idle=10, quiet=15, held=3, starts=7, gib=1, tool_seconds=3)
QUICK = Size(rounds=2, others=1, seconds=2, short=1, warm=1, settle=1, watches=(1000,), idle=2, quiet=2, held=1, starts=3, gib=0.25, tool_seconds=1)


@dataclass
class Bench:
    """One run."""

    size: Size
    work: Path
    server: Path
    cli: Path | None
    kubectl: Path
    facts: dict = field(default_factory=dict)
    blocks: dict = field(default_factory=dict)
    plots: dict = field(default_factory=dict)
    not_measured: list = field(default_factory=list)
    addresses: dict = field(default_factory=dict)
    upstream: Process | None = None
    peers: dict = field(default_factory=dict)
    _tool = ["dotnet", ROOT / "bench/Fairlead.Bench/bin/Release/net10.0/Fairlead.Bench.dll"]

    def start_upstream(self):
        """Starts the upstream, and makes the certificate of the peers' own TLS listeners."""
        self.upstream = Process("upstream", [*self._tool, "upstream", self.work], self.work)
        known = self.work / "upstream.json"
        end = time.monotonic() + 60
        while not known.exists():
            self.upstream.check()
            if time.monotonic() > end:
                raise Failure(f"the upstream does not start:\n{self.upstream.tail()}")
            time.sleep(0.05)
        self.addresses = json.loads(known.read_text())
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", self.work / "peer.key", "-out", self.work / "peer.crt"])

    def tool(self, name, *arguments, **options):
        """Starts a tool of the bench."""
        return Process(name, [*self._tool, name, *arguments], self.work, **options)

    def figures(self, *arguments, timeout=120):
        """Runs a tool of the bench to its end; what it has printed."""
        try:
            return json.loads(run([*self._tool, *arguments], timeout=timeout))
        except subprocess.TimeoutExpired as error:
            raise Failure(f"the tool {arguments[0]} does not end") from error

    def peer(self, kind):
        """A peer that runs; one of each is started when it is needed first, and stays."""
        if kind.key not in self.peers:
            progress(f"starting {kind.title}")
            self.peers[kind.key] = kind(self).start()
        return self.peers[kind.key]

    def say(self, section, text):
        """Adds to the report of a section."""
        self.blocks.setdefault(section, []).append(text)
