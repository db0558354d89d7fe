"""Writes a configuration with so many clusters: the first is the upstream, ten others are broken, half have a client certificate."""
import base64
import sys
from pathlib import Path

work, count, port, management, token = Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
data = {name: base64.b64encode((work / name).read_bytes()).decode() for name in ("ca.crt", "client.crt", "client.key")}
broken = set(range(10, 20)) if count > 20 else set()

print(f"""listen: http://127.0.0.1:{port}
management: {{ listen: http://127.0.0.1:{management} }}
auth: {{ static: [{{ subject: bench, tokenSha256: "{token}", groups: [portal] }}] }}
access: {{ rules: [{{ subjects: {{ groups: [portal] }}, clusters: ["*"], namespaces: [default], resources: [configmaps], verbs: [get, list, watch] }}] }}
limits: {{ rate: {{ perCaller: unlimited }}, requests: {{ perCaller: unlimited, perCluster: unlimited }}, streams: {{ perCaller: unlimited, perCluster: unlimited }} }}
kubernetes:
  clusterLocatorMethods:
    - type: config
      clusters:""")
for number in range(count):
    url = (work / "url").read_text() if number == 0 else f"https://10.0.{number // 250}.{number % 250 + 1}:6443"
    print(f"        - name: c{number}\n          url: {url}")
    print("          caFile: /nowhere/ca.crt" if number in broken else f"          caData: {data['ca.crt']}")
    if number % 2:
        print(f"          authProvider: clientCertificate\n          clientCertData: {data['client.crt']}\n          clientKeyData: {data['client.key']}")
    else:
        print("          authProvider: serviceAccount\n          serviceAccountToken: SA")
