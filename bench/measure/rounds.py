"""Rounds in turn: every case is warmed up, then each has its turn in every round, so that what disturbs the machine disturbs all."""
from dataclasses import dataclass
from statistics import median
from typing import Callable

from bench import progress


@dataclass(frozen=True)
class Case:
    """Something that is measured beside others: a peer, and the load that it gets for so many seconds."""

    key: str
    title: str
    peer: object
    load: Callable


@dataclass(frozen=True)
class Sample:
    """One turn."""

    per_second: float
    p50: float
    p99: float
    cpu: float               # us per request
    allocated: float | None  # bytes per request


def in_turn(what, cases, rounds, seconds, warm):
    """The samples of each case."""
    samples = {case.key: [] for case in cases}
    for case in cases if warm else ():
        progress(f"{what}: warming up {case.title}")
        case.load(warm)
    for number in range(rounds):
        progress(f"{what}: round {number + 1} of {rounds}")
        for case in cases:
            # What has been allocated is asked for around the measurement of CPU time, since asking costs some.
            allocated = case.peer.allocated() if case.peer.allocated else None
            before = case.peer.process.cpu()
            load = case.load(seconds)
            cpu = case.peer.process.cpu() - before
            if allocated is not None:
                allocated = (case.peer.allocated() - allocated) / load.sent
            samples[case.key].append(Sample(load.per_second, load.p50, load.p99, cpu * 1e6 / load.sent, allocated))
    for case in cases:
        case.peer.verify()
    return samples


def cell(values, digits=0):
    """Median, least and greatest."""
    values = list(values)
    if len(values) == 1:
        return f"{values[0]:,.{digits}f}"
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def table(heads, rows):
    """A table in Markdown."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
