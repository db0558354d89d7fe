"""What else is asked: long lists, bodies, the other doors, the other ways to say who one is, HTTP/2 clients."""
import json

import gateway
import loads
import peers
from bench import PATH
from processes import get
from rounds import Case, cell, in_turn, table

BODY = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "made-by-the-bench", "namespace": "default"}, "data": {"key": "x" * 200}})


def _report(bench, section, text, cases):
    samples = in_turn(section, cases, bench.size.others, bench.size.short, bench.size.short if bench.size.others > 1 else 0)
    rows = []
    for case in cases:
        of = samples[case.key]
        allocated = cell(sample.allocated for sample in of) if of[0].allocated is not None else "-"
        rows.append([case.title, cell(sample.per_second for sample in of), cell((sample.p50 for sample in of), 2), cell((sample.p99 for sample in of), 2), cell((sample.cpu for sample in of), 1), allocated])
    bench.say(section, text + "\n\n" + table(["", "requests/s", "p50 ms", "p99 ms", "CPU us per request", "bytes allocated per request"], rows))


def _wrk(bench, key, title, peer, url, headers, **options):
    return Case(key, title, peer, lambda seconds: loads.wrk(bench.work, title, url, seconds, headers, **options))


def _everybody(bench):
    return [bench.peer(kind) for kind in (*peers.ALL, gateway.Fairlead)]


def lists(bench):
    _report(bench, "lists", "A list of 2 MiB, `wrk` with 8 connections.", [
        _wrk(bench, peer.key, peer.title, peer, f"{peer.url}?size={2 << 20}", peer.headers, connections=8) for peer in _everybody(bench)])


def posts(bench):
    _report(bench, "posts", f"POST of {len(BODY)} bytes of JSON that come back with 201, `wrk` with 32 connections. Fairlead refuses what it cannot audit: every one of these is in its file.", [
        _wrk(bench, peer.key, peer.title, peer, peer.url, peer.headers, body=BODY) for peer in _everybody(bench)])


def doors(bench):
    peer = bench.peer(gateway.Fairlead)
    base = f"http://127.0.0.1:{peer.port}"
    named = {**peer.headers, "Backstage-Kubernetes-Cluster": "c"}
    service = f"{base}/serviceproxy/default/web/x"
    nginx = bench.peer(peers.Nginx)
    beside = f"http://127.0.0.1:{nginx.port}/web/x"
    for what, options in (("Small GET", {}), ("POST", {"body": BODY}), ("List of 2 MiB, 8 connections", {"connections": 8})):
        query = f"?size={2 << 20}" if "connections" in options else ""
        _report(bench, "doors", f"{what}, by the door it goes through. The Service is reached over plain HTTP/1.1 at its own address; nginx beside it over the same.", [
            _wrk(bench, "cluster", "cluster door", peer, peer.url + query, peer.headers, **options),
            _wrk(bench, "backstage", "Backstage door", peer, f"{base}/api/kubernetes/proxy{PATH}{query}", named, **options),
            _wrk(bench, "service", "service door", peer, service + query, peer.headers, **options),
            _wrk(bench, "nginx", "nginx to the Service", nginx, beside + query, nginx.headers, **options)])


def logins(bench):
    peer = bench.peer(gateway.Fairlead)
    jwt = {"Authorization": "Bearer " + get(f"{bench.addresses['plain']}/bench/token")}
    _report(bench, "logins", "Small GET at the cluster door, by how the caller is known. An impersonated caller has one group: with more the request goes over HTTP/1.1, since each is a header line.", [
        _wrk(bench, "static", "static token", peer, peer.url, peer.headers),
        _wrk(bench, "jwt", "JWT", peer, peer.url, jwt),
        _wrk(bench, "session", "session cookie", peer, peer.url, {"Cookie": peer.sign_in()}),
        _wrk(bench, "impersonated", "static token, impersonated in the cluster", peer, peer.url.replace("/clusters/c/", "/clusters/i/"), peer.headers)])


def protocols(bench):
    cases = []
    for peer in _everybody(bench):
        if peer.tls_url:
            for protocol, clients, streams, name in (("h1", 32, 1, "HTTP/1.1 over TLS, 32 connections"), ("h2", 4, 8, "HTTP/2 over TLS, 4 connections of 8 streams")):
                cases.append(Case(f"{peer.key}-{protocol}", f"{peer.title}, {name}", peer, lambda seconds, peer=peer, protocol=protocol, clients=clients, streams=streams: loads.h2load(
                    bench.work, peer.title, peer.tls_url, seconds, peer.headers, clients=clients, streams=streams, protocol=protocol)))
    _report(bench, "protocols", "Small GET by clients that speak TLS: `h2load`, as fast as they go. `kubectl proxy` and Backstage's backend have no TLS here.", sorted(cases, key=lambda case: case.key[-2:]))
