"""Loads: wrk for the peak over HTTP/1.1, h2load for HTTP/2 and for a rate that is kept come what may."""
import contextlib
import json
import re
import subprocess
import time
from dataclasses import dataclass

from processes import Failure

CONNECTIONS = 32
BEATS = 8


@dataclass(frozen=True)
class Load:
    """What a load saw."""

    per_second: float
    p50: float  # ms
    p99: float  # ms
    sent: int   # how many were answered


def percentile(ordered, percent):
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def _run(command, name, seconds):
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=seconds + 60, check=False)
    except subprocess.TimeoutExpired as error:
        raise Failure(f"{name}: the load does not end") from error
    if done.returncode:
        raise Failure(f"{name}: {command[0]} ended with {done.returncode}:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
    return done.stdout


def _milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def wrk(work, name, url, seconds, headers, body=None, connections=CONNECTIONS):
    """As many as go: each connection sends the next request when it has its answer."""
    script = work / "wrk.lua"
    lines = ['wrk.method = "POST"', f"wrk.body = {json.dumps(body)}", 'wrk.headers["Content-Type"] = "application/json"'] if body else []
    script.write_text("\n".join(lines) + "\n")
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "--latency", "-s", script]
    for key, value in headers.items():
        command += ["-H", f"{key}: {value}"]
    text = _run([*command, url], name, seconds)
    if re.search(r"Non-2xx|Socket errors", text):
        raise Failure(f"{name}: a load with errors:\n{text}")
    found = {line.split()[0]: line.split()[1] for line in text.splitlines() if re.match(r"\s+(50|99)%", line)}
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    return Load(float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), _milliseconds(found["50%"]), _milliseconds(found["99%"]), requests)


def h2load(work, name, url, seconds, headers, clients=CONNECTIONS, streams=1, protocol="h1"):
    """As many as go, over HTTP/1.1 or HTTP/2."""
    with _started(work, "h2load", url, seconds, headers, clients, protocol, [f"-m{streams}"]) as running:
        return _load(name, [running], seconds)


def at_rate(work, name, url, seconds, headers, clients, per_client):
    """So many requests a second in all, over HTTP/1.1. The clients of one h2load all send at the same moments, so there are several, which have started at different ones."""
    running = []
    with contextlib.ExitStack() as stack:
        for number in range(BEATS):
            share = clients // BEATS + (number < clients % BEATS)
            if share:
                running.append(stack.enter_context(_started(work, f"h2load-{number}", url, seconds, headers, share, "h1", [f"--rps={per_client}"])))
                time.sleep(0.01 + 0.01 / BEATS)
        return _load(name, running, seconds)


@contextlib.contextmanager
def _started(work, key, url, seconds, headers, clients, protocol, options):
    log = work / f"{key}.requests"
    log.unlink(missing_ok=True)
    command = ["h2load", f"-c{clients}", "-t1", f"-D{seconds}s", f"--log-file={log}", *(["--h1"] if protocol == "h1" else []), *options]
    for header, value in headers.items():
        command += ["-H", f"{header.lower()}: {value}"]
    popen = subprocess.Popen([*command, url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield popen, log
    finally:
        popen.kill()
        popen.wait()


def _load(name, running, seconds):
    waits = []
    for popen, log in running:
        try:
            text, _ = popen.communicate(timeout=seconds + 60)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{name}: the load does not end") from error
        rows = [line.split("\t") for line in log.read_text().splitlines()] if log.exists() else []
        bad = sum(not row[1].startswith("2") for row in rows)
        if popen.returncode or not rows or bad or not re.search(r"\b0 failed, 0 errored, 0 timeout", text):
            raise Failure(f"{name}: h2load ended with {popen.returncode}; of {len(rows)} answers {bad} are not 2xx:\n{text}")
        waits += [int(row[2]) for row in rows]
    waits.sort()
    return Load(len(waits) / seconds, percentile(waits, 50) / 1000, percentile(waits, 99) / 1000, len(waits))
