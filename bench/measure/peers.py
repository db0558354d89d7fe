"""The peers beside Fairlead, each with the settings that are fair to it; bench/README.md says why they are."""
import os
import re
import shutil

from bench import PATH, ROOT, TOKEN
from processes import Process, free_port, get, run, until_up


def between_collections():
    """Bytes, as Fairlead is built."""
    return int(re.search(r'"System.GC.Gen0MaxBudget" Value="(\d+)"', (ROOT / "src/Fairlead/Fairlead.csproj").read_text()).group(1))


class Peer:
    """One of them. `url` is where it takes a small GET; `tls_url` where it does over TLS, if it can."""

    tls_url = None
    headers = {"Authorization": f"Bearer {TOKEN}"}
    settings = ""     # What was chosen for it, for the report.
    allocated = None  # A function, where it can be asked for.
    folder = None     # Where it runs, if it matters.

    def __init__(self, bench):
        self.bench, self.work, self.port = bench, bench.work, free_port()
        self.url = f"http://127.0.0.1:{self.port}{PATH}"
        self.process = None

    def start(self):
        self.process = Process(self.key, self.command(), self.work, env=self.environment(), cwd=self.folder)
        until_up(self.process, self.url, self.headers)
        return self

    def stop(self):
        self.process.stop()

    def environment(self):
        return {}

    def verify(self):
        """What a measurement has to have left behind."""


class WithTls(Peer):
    def __init__(self, bench):
        super().__init__(bench)
        self.tls_port = free_port()
        self.tls_url = f"https://127.0.0.1:{self.tls_port}{PATH}"


class Nginx(WithTls):
    key, title = "nginx", "nginx"
    settings = "a worker for each core, 128 kept connections to the upstream over HTTP/1.1 (it has no HTTP/2 there), no access log, no temporary files, buffers of 64 KiB; uploads are not buffered"

    def command(self):
        work, upstream = self.work, self.bench.addresses["tls"].removeprefix("https://")
        file = work / "nginx.conf"
        file.write_text(f"""\
worker_processes {os.cpu_count()}; daemon off; pid {work}/nginx.pid; error_log {work}/nginx-error.log;
events {{ worker_connections 16384; }}
http {{
  access_log off; client_max_body_size 0; keepalive_requests 1000000000;
  client_body_temp_path {work}/b; proxy_temp_path {work}/p; fastcgi_temp_path {work}/f; uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
  upstream api {{ server {upstream}; keepalive 128; keepalive_requests 1000000000; }}
  upstream web {{ server {self.bench.addresses['plain'].removeprefix('http://')}; keepalive 128; keepalive_requests 1000000000; }}
  proxy_http_version 1.1;
  proxy_buffers 16 64k; proxy_buffer_size 64k; proxy_busy_buffers_size 128k; proxy_max_temp_file_size 0; proxy_request_buffering off; client_body_buffer_size 64k;
  server {{
    listen 127.0.0.1:{self.port}; listen 127.0.0.1:{self.tls_port} ssl http2;
    ssl_certificate {work}/peer.crt; ssl_certificate_key {work}/peer.key;
    location / {{
      proxy_pass https://api; proxy_set_header Connection ""; proxy_set_header Authorization "Bearer SA";
      proxy_ssl_protocols TLSv1.2 TLSv1.3; proxy_ssl_verify on; proxy_ssl_trusted_certificate {work}/ca.crt; proxy_ssl_name localhost; proxy_ssl_session_reuse on;
    }}
    location /web/ {{ proxy_pass http://web/; proxy_set_header Connection ""; }}
  }}
}}
""")
        return ["nginx", "-p", work, "-c", file]


class HaProxy(WithTls):
    key, title = "haproxy", "HAProxy"
    settings = "a thread for each core, connections to the upstream kept and shared (`http-reuse always`), over HTTP/2 but for long lists, which it does better over HTTP/1.1, no log; h2load takes no status line without a reason, so it is given one"

    def command(self):
        work = self.work
        both = work / "peer.pem"
        both.write_text((work / "peer.crt").read_text() + (work / "peer.key").read_text())
        server = f"{self.bench.addresses['tls'].removeprefix('https://')} ssl verify required ca-file {work}/ca.crt verifyhost localhost"
        file = work / "haproxy.cfg"
        file.write_text(f"""\
global
  nbthread {os.cpu_count()}
  maxconn 8000
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  http-reuse always
frontend here
  bind 127.0.0.1:{self.port}
  bind 127.0.0.1:{self.tls_port} ssl crt {both} alpn h2,http/1.1
  http-request set-header Authorization "Bearer SA"
  http-response set-status 200 reason OK if {{ status 200 }}
  use_backend long if {{ query -m beg size= }}
  default_backend api
backend api
  server api {server} alpn h2
backend long
  server api {server} alpn http/1.1
""")
        return ["haproxy", "-db", "-f", file]

class Kubectl(Peer):
    key, title = "kubectl", "kubectl proxy"
    settings = "as it comes, over HTTP/2 to the upstream; it asks nobody who they are"

    def command(self):
        file, kubectl = self.work / "kubeconfig", self.bench.kubectl
        for settings in (["set-cluster", "c", f"--server={self.bench.addresses['tls']}", f"--certificate-authority={self.work}/ca.crt", "--embed-certs=true"],
                         ["set-credentials", "u", "--token=SA"], ["set-context", "c", "--cluster=c", "--user=u"]):
            run([kubectl, "config", "--kubeconfig", file, *settings])
        return [kubectl, "--kubeconfig", file, "--context", "c", "proxy", f"--port={self.port}"]


class BareYarp(WithTls):
    key, title = "bare", "bare YARP"
    settings = "`IHttpForwarder` on the connection settings of Fairlead (HTTP/2, a window of 128 KiB), workstation collector with as much between collections, dynamic PGO, a framework-dependent build (all but the framework compiled as it runs, which costs a start and nothing later), no log; sends the caller's token on, and checks nothing"

    def __init__(self, bench):
        super().__init__(bench)
        self.count_port = free_port()

    def start(self):
        work = self.work
        self.process = self.bench.tool("bare", self.bench.addresses["tls"], work / "ca.crt", self.port, self.tls_port, work / "peer.crt", work / "peer.key", self.count_port, env={"DOTNET_GCGen0MaxBudget": f"{between_collections():#x}"})
        until_up(self.process, self.url, self.headers)
        return self

    def allocated(self):
        return float(get(f"http://127.0.0.1:{self.count_port}/"))


class Backstage(Peer):
    key, title = "backstage", "Backstage backend"
    settings = "the Kubernetes plugin alone, `NODE_ENV=production`, log at error; callers with a static token of `externalAccess`, the permission framework off"
    folder = ROOT / "bench/backstage"

    def __init__(self, bench):
        super().__init__(bench)
        self.url = f"http://127.0.0.1:{self.port}/api/kubernetes/proxy{PATH}"
        self.headers = {**Peer.headers, "Backstage-Kubernetes-Cluster": "c"}

    def environment(self):
        return {"NODE_ENV": "production", "LOG_LEVEL": "error"}

    def command(self):
        work = self.work
        run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", work / "backstage.key"])
        run(["openssl", "pkey", "-in", work / "backstage.key", "-pubout", "-out", work / "backstage.pub"])
        file = work / "app-config.yaml"
        file.write_text(f"""\
app: {{ baseUrl: http://127.0.0.1:{self.port} }}
backend:
  baseUrl: http://127.0.0.1:{self.port}
  listen: 127.0.0.1:{self.port}
  auth:
    pluginKeyStore: {{ type: static, static: {{ keys: [{{ publicKeyFile: {work}/backstage.pub, privateKeyFile: {work}/backstage.key, keyId: bench, algorithm: ES256 }}] }} }}
    externalAccess: [{{ type: static, options: {{ token: {TOKEN}, subject: bench }} }}]
kubernetes:
  serviceLocatorMethod: {{ type: multiTenant }}
  clusterLocatorMethods:
    - type: config
      clusters: [{{ name: c, url: "{self.bench.addresses['tls']}", authProvider: serviceAccount, serviceAccountToken: SA, caFile: {work}/ca.crt }}]
""")
        return [shutil.which("node"), "index.mjs", "--config", file]


ALL = (HaProxy, Nginx, BareYarp, Kubectl, Backstage)
