#!/usr/bin/env bash
# Measures the service door beside nginx over one plain HTTP upstream: small requests, then 1 GiB down and up. Writes SERVICES.md.
#   bench/services.sh [--quick]
# Needs the .NET 10 SDK, Python 3 and curl; root for apt-get where wrk or nginx is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=5 seconds=8
case ${1:-} in
  "") ;;
  --quick) rounds=3 seconds=4 ;;
  *) echo "usage: bench/services.sh [--quick]" >&2; exit 2 ;;
esac

missing=()
for tool in wrk nginx; do command -v "$tool" >/dev/null || missing+=("$tool"); done
if [ ${#missing[@]} -gt 0 ]; then apt-get install -y -qq "${missing[@]}" >/dev/null; fi
for project in bench/Fairlead.Bench src/Fairlead; do
  log=$(dotnet build -c Release -v quiet "$project" 2>&1) || { echo "$log" >&2; exit 1; }
done

work=$(mktemp -d)
stop() { kill $(jobs -pr) 2>/dev/null || true; wait || true; rm -rf "$work"; }
trap stop EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
until_up() { # URL TOKEN
  local end=$((SECONDS + 20))
  until curl -sf -m 10 -o /dev/null -H "Authorization: Bearer $2" "$1"; do
    [ $SECONDS -lt $end ] || { echo "does not answer 200: $1" >&2; exit 1; }
    sleep 0.05
  done
}

dotnet bench/Fairlead.Bench/bin/Release/net10.0/Fairlead.Bench.dll services "$work" &
for _ in $(seq 200); do [ -s "$work/upstream" ] && break; sleep 0.05; done
upstream=$(cat "$work/upstream")

nginx_port=$(free_port)
cat > "$work/nginx.conf" <<EOF
worker_processes 1; daemon off; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 8192; }
http {
  access_log off; client_max_body_size 0;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  upstream web { server $upstream; keepalive 64; }
  server {
    listen 127.0.0.1:$nginx_port;
    location / { proxy_pass http://web/; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; proxy_request_buffering off; }
  }
}
EOF
nginx -p "$work" -c "$work/nginx.conf" & nginx_master=$!

# Fairlead: once the caller is known by a static token and a rule is checked, once the caller's own cluster token is reviewed by the cluster.
port=$(free_port) management_port=$(free_port)
cat > "$work/fairlead.yaml" <<EOF
listen: http://127.0.0.1:$port
management: { listen: http://127.0.0.1:$management_port }
kubernetes:
  clusterLocatorMethods:
    - type: config
      clusters:
        - { name: c, url: "$(cat "$work/url")", authProvider: serviceAccount, serviceAccountToken: "$(cat "$work/token")", caFile: $work/ca.crt, network: direct }
auth: { static: [{ subject: bench, tokenSha256: "$(printf %s portal-token | sha256sum | cut -d' ' -f1)", groups: [portal] }] }
access: { rules: [{ subjects: { groups: [portal] }, clusters: ["*"], namespaces: [default], resources: [services/proxy], verbs: [get, create] }] }
limits: { rate: { perCaller: unlimited }, requests: { perCaller: unlimited, perCluster: unlimited }, streams: { perCaller: unlimited, perCluster: unlimited } }
serviceProxy: { allowedAddresses: [127.0.0.0/8] }
EOF
dotnet src/Fairlead/bin/Release/net10.0/fairlead.dll serve --config "$work/fairlead.yaml" >/dev/null & fairlead_pid=$!

declare -A url=([nginx]="http://127.0.0.1:$nginx_port/x" [portal]="http://127.0.0.1:$port/serviceproxy/default/web/x" [own]="http://127.0.0.1:$port/serviceproxy/default/web/x")
declare -A token=([nginx]=none [portal]=portal-token [own]=user-token)
peers=(nginx portal own)
for peer in "${peers[@]}"; do until_up "${url[$peer]}" "${token[$peer]}"; done
nginx_pid=$(pgrep -P "$nginx_master" | head -1)
declare -A pid_of=([nginx]=$nginx_pid [portal]=$fairlead_pid [own]=$fairlead_pid)

cpu() { awk '{print $14 + $15}' "/proc/$1/stat"; }
hertz=$(getconf CLK_TCK)
for peer in "${peers[@]}"; do wrk -t2 -c32 -d"${seconds}s" -H "Authorization: Bearer ${token[$peer]}" "${url[$peer]}" >/dev/null; done
for _ in $(seq "$rounds"); do
  for peer in "${peers[@]}"; do
    before=$(cpu "${pid_of[$peer]}")
    wrk -t2 -c32 -d"${seconds}s" --latency -H "Authorization: Bearer ${token[$peer]}" "${url[$peer]}" > "$work/wrk"
    after=$(cpu "${pid_of[$peer]}")
    grep -Eq "Non-2xx|Socket errors" "$work/wrk" && { echo "$peer: errors" >&2; cat "$work/wrk" >&2; exit 1; }
    requests=$(awk '/requests in/ {print $1}' "$work/wrk")
    echo "$peer $(awk '/Requests\/sec/ {print $2}' "$work/wrk") $(awk '$1 == "50%" {print $2}' "$work/wrk") $(awk '$1 == "99%" {print $2}' "$work/wrk") $(awk -v t=$((after - before)) -v h="$hertz" -v n="$requests" 'BEGIN {print t / h * 1e6 / n}')" | tee -a "$work/rounds"
  done
done

# 1 GiB: how long, and what it does to the process's memory. "straight" has no proxy in between.
gib=1073741824
rss() { awk '/VmRSS/ {print $2}' "/proc/$1/status"; }
declare -A big=([straight]="http://$upstream/x" [nginx]="${url[nginx]}" [portal]="${url[portal]}")
token[straight]=none
truncate -s $gib "$work/gib"
rss_before=$(rss "$fairlead_pid")
rss_peak=$rss_before
for _ in $(seq "$rounds"); do
  for peer in straight nginx portal; do
    echo "down $peer $(curl -sf -o /dev/null -w '%{time_total}' -H "Authorization: Bearer ${token[$peer]}" "${big[$peer]}?bytes=$gib")" >> "$work/transfers"
    now=$(rss "$fairlead_pid"); [ "$now" -gt "$rss_peak" ] && rss_peak=$now
    echo "up $peer $(curl -sf -o /dev/null -w '%{time_total}' -H "Authorization: Bearer ${token[$peer]}" -H 'Expect:' -X POST -T "$work/gib" "${big[$peer]}")" >> "$work/transfers"
    now=$(rss "$fairlead_pid"); [ "$now" -gt "$rss_peak" ] && rss_peak=$now
  done
done

python3 bench/services_report.py "$work/rounds" "$work/transfers" "$rss_before" "$rss_peak" | tee bench/SERVICES.md
