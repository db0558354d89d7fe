"""Fairlead as people run it: who calls is known, rules are checked, everything is audited and counted."""
import hashlib
import json
import re
import urllib.error
import urllib.parse
import urllib.request

from bench import PATH, TOKEN
from processes import Failure, Process, free_port, get, until_up

ALLOCATED = "dotnet_gc_heap_total_allocated_bytes_total"


class Fairlead:
    """One gateway with the clusters c (a held credential), i (impersonation) and s (the Service); `more` are clusters beside them."""

    key = "fairlead"
    title = "Fairlead"
    settings = "published as it is shipped (its own runtime, ReadyToRun, workstation collector, dynamic PGO), over HTTP/2 to the upstream; callers authenticated, access rules, audit file and metrics on; limits on, those of one caller raised from 500 requests a second to a million and from 256 at once to 4,096; those of connections and of watches and Services off"

    def __init__(self, bench, name="fairlead", more=""):
        self.bench, self.work = bench, bench.work
        self.port, self.tls_port, self.management = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}/clusters/c{PATH}"
        self.tls_url = f"https://127.0.0.1:{self.tls_port}/clusters/c{PATH}"
        self.headers = {"Authorization": f"Bearer {TOKEN}"}
        self.audit = self.work / f"{name}-audit" / "audit.log"
        self.audit.parent.mkdir(exist_ok=True)
        self.config = self.work / f"{name}.yaml"
        self.config.write_text(self._configuration(more))
        self.process = None
        self.name = name

    def start(self, wait=True, env=None):
        self.process = Process(self.name, [self.bench.server, "serve", "--config", self.config], self.work, env=env)
        if wait:
            until_up(self.process, self.ready)
        return self

    def stop(self):
        """Ends it, and takes its audit files away: a run makes gigabytes of them."""
        self.process.stop()
        for file in self.audit.parent.iterdir():
            file.unlink()

    @property
    def ready(self):
        return f"http://127.0.0.1:{self.management}/readyz"

    def metric(self, name):
        """The sum of a metric over its labels."""
        found = [float(line.rsplit(" ", 2 if re.search(r" \d{13}$", line) else 1)[1]) for line in get(f"http://127.0.0.1:{self.management}/metrics").splitlines() if re.match(re.escape(name) + r"[{ ]", line)]
        if not found:
            raise Failure(f"/metrics has no {name}")
        return sum(found)

    def allocated(self):
        return self.metric(ALLOCATED)

    def verify(self):
        """That what is measured has been audited; how many records were dropped goes into the report."""
        if not any(file.stat().st_size for file in self.audit.parent.iterdir()):
            raise Failure("Fairlead has written no audit records")
        self.bench.facts.setdefault("dropped", {})[self.process.popen.pid] = self.metric("fairlead_audit_dropped_total")

    def sign_in(self):
        """A session, as a browser gets one; its Cookie header."""
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        opener = urllib.request.build_opener(Stay)

        def follow(url, cookies):
            try:
                answer = opener.open(urllib.request.Request(url, headers={"Cookie": "; ".join(cookies)} if cookies else {}), timeout=10)
            except urllib.error.HTTPError as redirect:
                answer = redirect
            if answer.status not in (200, 302, 303):
                raise Failure(f"a login stops with {answer.status}: {answer.read().decode(errors='replace')[:500]}")
            return answer.headers["Location"], [value.split(";")[0] for value in answer.headers.get_all("Set-Cookie") or []]

        away, cookies = follow(f"http://127.0.0.1:{self.port}/auth/login", [])
        back = get(f"{self.bench.addresses['plain']}/bench/sign-in?url={urllib.parse.quote(away, safe='')}")
        _, session = follow(back, cookies)
        kept = [cookie for cookie in session if cookie.split("=", 1)[1]]
        if not kept:
            raise Failure("a login brings no session")
        return "; ".join(kept)

    def _configuration(self, more):
        known = self.bench.addresses
        upstream, authority = known["tls"], self.work / "ca.crt"
        token = hashlib.sha256(TOKEN.encode()).hexdigest()
        return f"""\
listen: ["http://127.0.0.1:{self.port}", "https://127.0.0.1:{self.tls_port}"]
tls: {{ certFile: {self.work}/peer.crt, keyFile: {self.work}/peer.key }}
management: {{ listen: "http://127.0.0.1:{self.management}" }}
kubernetes:
  clusterLocatorMethods:
    - type: config
      clusters:
        - {{ name: c, url: "{upstream}", authProvider: serviceAccount, serviceAccountToken: SA, caFile: {authority} }}
        - {{ name: i, url: "{upstream}", authProvider: impersonate, caFile: {authority}, impersonation: {{ serviceAccountToken: SA, users: ["*"], groups: [portal] }} }}
        - {{ name: s, url: "{known['cluster']}", authProvider: serviceAccount, serviceAccountToken: "{known['clusterToken']}", caFile: {known['clusterCa']}, network: direct }}
{more}
auth:
  static: [{{ subject: bench, tokenSha256: "{token}", groups: [portal] }}]
  jwt: [{{ name: corp, issuer: "{known['issuer']}", audiences: ["{known['clientId']}"], groupsClaim: groups }}]
  oidc: {{ issuer: "{known['issuer']}", clientId: "{known['clientId']}", clientSecret: {json.dumps(known['clientSecret'])}, groupsClaim: groups }}
access:
  rules:
    - {{ subjects: {{ groups: [portal] }}, clusters: [c], namespaces: [default], resources: [configmaps], verbs: [get, list, watch, create] }}
    - {{ subjects: {{ groups: [portal] }}, clusters: [c], namespaces: [default], resources: [pods/exec], verbs: [create] }}
    - {{ subjects: {{ groups: [portal] }}, clusters: [s], namespaces: [default], resources: [services/proxy], verbs: [get, create] }}
audit: {{ file: {self.audit}, maxFiles: 2 }}
limits:
  rate: {{ perCaller: 1000000 }}
  requests: {{ perCaller: 4096, perCluster: 4096 }}
  streams: {{ perCaller: unlimited, perCluster: unlimited, perService: unlimited, all: unlimited }}
  connections: {{ perAddress: unlimited, all: unlimited }}
serviceProxy: {{ defaultCluster: s, allowedAddresses: [127.0.0.0/8] }}
log: {{ level: warning }}
"""
