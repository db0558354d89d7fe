"""Small GETs at all peers: the peak, what one costs, and latency at a rate that is the same for all."""
from statistics import median

import gateway
import loads
import peers
from bench import progress
from processes import Failure, get
from rounds import Case, cell, in_turn, table

PER_CLIENT = 100  # Requests a second of one client of h2load; it keeps a beat of 10 ms at the least.


def measure(bench):
    everybody = [bench.peer(kind) for kind in (*peers.ALL, gateway.Fairlead)]
    answers = {peer.title: get(peer.url, peer.headers) for peer in everybody}
    if len(set(answers.values())) != 1 or len(answers["Fairlead"]) < 1800:
        raise Failure(f"the answers of the peers differ: {({title: len(answer) for title, answer in answers.items()})} characters")
    cases = [Case(peer.key, peer.title, peer, lambda seconds, peer=peer: loads.wrk(bench.work, peer.title, peer.url, seconds, peer.headers)) for peer in everybody]
    samples = in_turn("small GET", cases, bench.size.rounds, bench.size.seconds, bench.size.settle)
    resident = {peer.key: peer.process.resident() / 1e6 for peer in everybody}
    peak = {key: median(sample.per_second for sample in of) for key, of in samples.items()}
    cpu = {key: median(sample.cpu for sample in of) for key, of in samples.items()}
    allocated = {key: median(sample.allocated for sample in of) for key, of in samples.items() if of[0].allocated is not None}
    bench.facts |= {"rps": peak, "cpu": cpu, "allocated": allocated}

    rows = []
    for case in cases:
        of = samples[case.key]
        rows.append([
            case.title, cell(sample.per_second for sample in of), cell((sample.cpu for sample in of), 1), f"{cpu['fairlead'] / cpu[case.key]:.2f}",
            cell(sample.allocated for sample in of) if case.key in allocated else "-", f"{resident[case.key]:,.0f}", cell((sample.p50 for sample in of), 2), cell((sample.p99 for sample in of), 2)])
    bench.say("requests", f"1.8 KB of JSON, `wrk` with {loads.CONNECTIONS} connections over plain HTTP/1.1, as fast as they go; cluster door, static token.\n\n" + table(
        ["", "requests/s", "CPU us per request", "Fairlead's CPU against it", "bytes allocated per request", "MB resident after it", "p50 ms at the peak", "p99 ms at the peak"], rows))
    bench.plots["requests"] = ("Requests per second, small GET", "requests/s", {case.title: [sample.per_second for sample in samples[case.key]] for case in cases})
    bench.plots["cpu"] = ("CPU per small GET", "us", {case.title: [sample.cpu for sample in samples[case.key]] for case in cases})
    bench.plots["allocated"] = ("Allocated per small GET", "bytes", {case.title: [sample.allocated for sample in samples[case.key]] for case in cases if case.key in allocated})
    bench.plots["resident"] = ("Memory after small GETs", "MB resident", {case.title: [resident[case.key]] for case in cases})
    at_equal_rate(bench, everybody, peak)


def at_equal_rate(bench, everybody, peak):
    clients = max(1, round(peak["fairlead"] / 2 / PER_CLIENT))
    rate = clients * PER_CLIENT
    able = [peer for peer in everybody if peak[peer.key] > 1.1 * rate]
    progress(f"equal rate: {rate} requests/s")
    cases = [Case(peer.key, peer.title, peer, lambda seconds, peer=peer: loads.at_rate(bench.work, peer.title, peer.url, seconds, peer.headers, clients, PER_CLIENT)) for peer in able]
    samples = in_turn("equal rate", cases, bench.size.rounds, bench.size.seconds, 1)
    rows = []
    for case in cases:
        of = samples[case.key]
        reached = median(sample.per_second for sample in of) / rate
        rows.append([case.title, cell(sample.per_second for sample in of), cell((sample.p50 for sample in of), 2), cell((sample.p99 for sample in of), 2), cell((sample.cpu for sample in of), 1)])
        if reached < 0.98:
            bench.not_measured.append(f"p99 of {case.title} at {rate:,} requests/s: it took {reached:.0%} of that rate only, its row is not at the same rate")
    bench.say("requests", f"The same at {rate:,} requests/s, half of Fairlead's peak in this run: `h2load --h1 --rps={PER_CLIENT}`, {clients} connections in {loads.BEATS} processes. The clock of a request begins when it is sent: one that its connection holds back, since the last one is not answered after {1000 // PER_CLIENT} ms, waits unseen, for all alike.\n\n" + table(
        ["", "requests/s", "p50 ms", "p99 ms", "CPU us per request"], rows))
    for peer in everybody:
        if peer not in able:
            bench.not_measured.append(f"p99 of {peer.title} at {rate:,} requests/s: its peak is {peak[peer.key]:,.0f}")
    on_time = {case.key: median(sample.p99 for sample in samples[case.key]) for case in cases if median(sample.per_second for sample in samples[case.key]) >= 0.98 * rate}
    bench.facts["p99"] = on_time
    bench.plots["p50"] = (f"p50 at {rate:,} requests/s", "ms", {case.title: [sample.p50 for sample in samples[case.key]] for case in cases})
    bench.plots["p99"] = (f"p99 at {rate:,} requests/s", "ms", {case.title: [sample.p99 for sample in samples[case.key]] for case in cases})
