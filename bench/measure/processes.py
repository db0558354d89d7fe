"""Processes of a run: each in a group of its own, whose CPU time and memory are read from /proc, and none of which outlives the run."""
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

PIPE = subprocess.PIPE
HERTZ = os.sysconf("SC_CLK_TCK")
_running = []
_ports = iter(random.sample(range(20000, 32000), 1000))


class Failure(Exception):
    """What ends a run."""


class Process:
    """One program and whatever it starts."""

    def __init__(self, name, command, work, env=None, stdin=subprocess.DEVNULL, stdout=None, cwd=None):
        self.name = name
        self.log = work / f"{name}.log"
        with open(self.log, "ab") as log:
            self.popen = subprocess.Popen(
                [str(part) for part in command], stdin=stdin, stdout=stdout or log, stderr=log, env={**os.environ, **(env or {})}, start_new_session=True, cwd=cwd, text=stdout is not None, bufsize=1 if stdout else -1)
        _running.append(self)

    def stop(self):
        """Ends the group, and waits for it."""
        if self in _running:
            _running.remove(self)
        for which, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.popen.pid, which)
            except ProcessLookupError:
                break
            try:
                self.popen.wait(patience)
            except subprocess.TimeoutExpired:
                continue
            break
        self.popen.wait()
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)  # Children that the first of them has left.
        except ProcessLookupError:
            pass
        for stream in (self.popen.stdin, self.popen.stdout):
            if stream:
                stream.close()

    def check(self):
        """Fails where it has ended."""
        if self.popen.poll() is not None:
            raise Failure(f"{self.name} has ended with {self.popen.returncode}:\n{self.tail()}")

    def tail(self):
        return self.log.read_text(errors="replace")[-2000:]

    def _members(self):
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if int(fields[2]) == self.popen.pid:
                    yield entry, fields

    def cpu(self):
        """Seconds of CPU that all threads of all its processes have used."""
        self.check()
        return sum(int(fields[11]) + int(fields[12]) for _, fields in self._members()) / HERTZ

    def resident(self):
        """Bytes of resident memory of all its processes."""
        self.check()
        total = 0
        for entry, _ in self._members():
            try:
                status = (entry / "status").read_text()
            except OSError:
                continue
            total += sum(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))
        return total


def stop_all():
    """Ends all that still runs."""
    for process in list(reversed(_running)):
        process.stop()


def run(command, **options):
    """Runs a program to its end; its output."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if result.returncode:
        raise Failure(f"{' '.join(str(part) for part in command)[:300]} ended with {result.returncode}:\n{result.stdout[-1000:]}{result.stderr[-2000:]}")
    return result.stdout


def free_port():
    """A port below those that connections are made from: none of them takes it before its listener does."""
    for port in _ports:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Failure("no port is free")


def get(url, headers=None, data=None, timeout=10):
    """The text of an answer of 2xx."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}, data=data), timeout=timeout) as answer:
        return answer.read().decode()


def until_up(process, url, headers=None, patience=60, pause=0.05):
    """Waits for an answer of 2xx."""
    end = time.monotonic() + patience
    while True:
        process.check()
        try:
            return get(url, headers)
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > end:
                detail = error.read().decode(errors="replace")[:500] if isinstance(error, urllib.error.HTTPError) else ""
                raise Failure(f"{process.name} does not answer 200 at {url}: {error} {detail}\n{process.tail()}") from error
        time.sleep(pause)
