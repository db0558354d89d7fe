#!/usr/bin/env bash
# Measures Fairlead beside kubectl proxy, nginx and a bare YARP forwarder, all in one run over the same TLS upstream, and writes RESULTS.md.
#   bench/run.sh [--quick]
# Needs the .NET 10 SDK, Python 3 and curl; root for apt-get where wrk or nginx is missing. kubectl is FAIRLEAD_KUBECTL or the one that the tests
# install: one on PATH may be a script that starts another process, whose CPU time would not be counted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=5 seconds=8 watches=2000 starts=5
case ${1:-} in
  "") ;;
  --quick) rounds=3 seconds=4 ;;
  *) echo "usage: bench/run.sh [--quick]" >&2; exit 2 ;;
esac
ulimit -n "$(ulimit -Hn)"

missing=()
for tool in wrk nginx; do command -v "$tool" >/dev/null || missing+=("$tool"); done
if [ ${#missing[@]} -gt 0 ]; then apt-get install -y -qq "${missing[@]}" >/dev/null; fi
kubectl=${FAIRLEAD_KUBECTL:-$PWD/test/clients/.tools/kubectl}
[ -x "$kubectl" ] || test/clients/install.sh

for project in bench/Fairlead.Bench src/Fairlead; do
  log=$(dotnet build -c Release -v quiet "$project" 2>&1) || { echo "$log" >&2; exit 1; }
done
bench="dotnet bench/Fairlead.Bench/bin/Release/net10.0/Fairlead.Bench.dll"
fairlead="dotnet src/Fairlead/bin/Release/net10.0/fairlead.dll"

work=$(mktemp -d)
stop() {
  kill $(jobs -pr) 2>/dev/null || true
  wait || true
  rm -rf "$work"
}
trap stop EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
until_up() { # URL [PAUSE]
  local end=$((SECONDS + 20))
  until curl -sf -m 5 -o /dev/null -H "Authorization: Bearer $token" "$1"; do
    [ $SECONDS -lt $end ] || { echo "does not answer 200: $1" >&2; exit 1; }
    sleep "${2:-0.05}"
  done
}

token=bench-token
$bench upstream "$work" &
for _ in $(seq 200); do [ -s "$work/url" ] && break; sleep 0.05; done
upstream=$(cat "$work/url")
path=/api/v1/namespaces/default/configmaps

# kubectl proxy: checks nothing, one kubeconfig.
kubectl_port=$(free_port)
"$kubectl" config --kubeconfig "$work/kubeconfig" set-cluster c --server="$upstream" --certificate-authority="$work/ca.crt" --embed-certs=true >/dev/null
"$kubectl" config --kubeconfig "$work/kubeconfig" set-credentials u --token=SA >/dev/null
"$kubectl" config --kubeconfig "$work/kubeconfig" set-context c --cluster=c --user=u >/dev/null
"$kubectl" --kubeconfig "$work/kubeconfig" --context c proxy --port="$kubectl_port" &> "$work/kubectl.log" & kubectl_pid=$!

# nginx: one worker, connections to the upstream kept, its certificate checked.
nginx_port=$(free_port)
cat > "$work/nginx.conf" <<EOF
worker_processes 1; daemon off; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  upstream api { server ${upstream#https://}; keepalive 64; }
  server {
    listen 127.0.0.1:$nginx_port;
    location / {
      proxy_pass https://api; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Authorization "Bearer SA";
      proxy_ssl_verify on; proxy_ssl_trusted_certificate $work/ca.crt; proxy_ssl_name localhost; proxy_ssl_session_reuse on;
    }
  }
}
EOF
nginx -p "$work" -c "$work/nginx.conf" & nginx_master=$!

# A bare YARP forwarder: no authentication, no rules.
bare_port=$(free_port)
$bench bare "$upstream" "$work/ca.crt" "$bare_port" & bare_pid=$!

# Fairlead: the caller authenticated, one rule checked.
fairlead_port=$(free_port) management_port=$(free_port)
cat > "$work/fairlead.yaml" <<EOF
listen: http://127.0.0.1:$fairlead_port
management: { listen: http://127.0.0.1:$management_port }
kubernetes:
  clusterLocatorMethods:
    - type: config
      clusters:
        - { name: c, url: "$upstream", authProvider: serviceAccount, serviceAccountToken: SA, caFile: $work/ca.crt }
auth: { static: [{ subject: bench, tokenSha256: "$(printf %s $token | sha256sum | cut -d' ' -f1)", groups: [portal] }] }
access: { rules: [{ subjects: { groups: [portal] }, clusters: ["*"], namespaces: [default], resources: [configmaps], verbs: [get, list, watch] }] }
limits: { rate: { perCaller: unlimited }, requests: { perCaller: unlimited, perCluster: unlimited }, streams: { perCaller: unlimited, perCluster: unlimited } }
EOF
serve() { $fairlead serve --config "$work/fairlead.yaml" >/dev/null & fairlead_pid=$!; }
stop_fairlead() { kill "$fairlead_pid"; wait "$fairlead_pid" || true; }
ready="http://127.0.0.1:$management_port/readyz"

until_up "http://127.0.0.1:$kubectl_port$path"
until_up "http://127.0.0.1:$nginx_port$path"
until_up "http://127.0.0.1:$bare_port$path"
nginx_pid=$(pgrep -P "$nginx_master" | head -1)

# Start-up, before anything else runs: from the start of the process to the first 200 of /readyz.
start_ms=()
for _ in $(seq "$starts"); do
  began=$(date +%s%N)
  serve
  until_up "$ready" 0.005
  start_ms+=($((($(date +%s%N) - began) / 1000000)))
  stop_fairlead
done

# Idle watches, on a process of their own: after load the heap would have room for them already.
rss() { awk '/VmRSS/ {print $2}' "/proc/$1/status"; }
open_watches() { # COUNT
  : > "$work/open"
  $bench watches "http://127.0.0.1:$fairlead_port/clusters/c$path?watch=1" $token "$1" < "$work/hold" > "$work/open" & watcher=$!
  exec 9> "$work/hold"
  for _ in $(seq 600); do grep -q "^open" "$work/open" && return; sleep 0.1; done
  echo "the watches do not open" >&2; exit 1
}
close_watches() { exec 9>&-; wait "$watcher"; }
mkfifo "$work/hold"
serve
until_up "$ready"
open_watches 100; close_watches # Code and pools that every process has once.
sleep 2
rss_before=$(rss "$fairlead_pid")
open_watches "$watches"
sleep 5
rss_after=$(rss "$fairlead_pid")
close_watches
stop_fairlead

serve
until_up "http://127.0.0.1:$fairlead_port/clusters/c$path"
declare -A url=(
  [kubectl]="http://127.0.0.1:$kubectl_port$path" [nginx]="http://127.0.0.1:$nginx_port$path"
  [bare]="http://127.0.0.1:$bare_port$path" [fairlead]="http://127.0.0.1:$fairlead_port/clusters/c$path")
declare -A pid_of=([kubectl]=$kubectl_pid [nginx]=$nginx_pid [bare]=$bare_pid [fairlead]=$fairlead_pid)
peers=(kubectl nginx bare fairlead)
cpu() { awk '{print $14 + $15}' "/proc/$1/stat"; }
hertz=$(getconf CLK_TCK)
for peer in "${peers[@]}"; do
  wrk -t2 -c32 -d"${seconds}s" -H "Authorization: Bearer $token" "${url[$peer]}" >/dev/null
done
for round in $(seq "$rounds"); do
  for peer in "${peers[@]}"; do
    before=$(cpu "${pid_of[$peer]}")
    wrk -t2 -c32 -d"${seconds}s" --latency -H "Authorization: Bearer $token" "${url[$peer]}" > "$work/wrk"
    after=$(cpu "${pid_of[$peer]}")
    grep -Eq "Non-2xx|Socket errors" "$work/wrk" && { echo "$peer: errors" >&2; cat "$work/wrk" >&2; exit 1; }
    requests=$(awk '/requests in/ {print $1}' "$work/wrk")
    echo "$peer $(awk '/Requests\/sec/ {print $2}' "$work/wrk") $(awk '$1 == "50%" {print $2}' "$work/wrk") $(awk '$1 == "99%" {print $2}' "$work/wrk") $(awk -v t=$((after - before)) -v h="$hertz" -v n="$requests" 'BEGIN {print t / h * 1e6 / n}')" | tee -a "$work/rounds"
  done
done

python3 bench/report.py "$work/rounds" "$watches" "$rss_before" "$rss_after" "${start_ms[@]}" | tee bench/RESULTS.md
