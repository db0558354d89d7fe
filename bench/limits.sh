#!/usr/bin/env bash
# Measures what one caller's flood costs another, and whether as many as the default limits let in fit into 512 MiB. Writes LIMITS.md; a quick run writes into artifacts/bench.
#   bench/limits.sh [--quick]
# Needs the .NET 10 SDK, openssl and Python 3; root for apt-get where wrk is missing, and for the memory limit (a control group).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=5 seconds=10 report=bench/LIMITS.md
case ${1:-} in
  "") ;;
  --quick) rounds=3 seconds=5 report=artifacts/bench/LIMITS.md; mkdir -p artifacts/bench ;;
  *) echo "usage: bench/limits.sh [--quick]" >&2; exit 2 ;;
esac

command -v wrk >/dev/null || apt-get install -y -qq wrk >/dev/null
for project in bench/Fairlead.Bench src/Fairlead; do
  log=$(dotnet build -c Release -v quiet "$project" 2>&1) || { echo "$log" >&2; exit 1; }
done

work=$(mktemp -d)
group=
stop() {
  exec 9>&- || true
  kill $(jobs -pr) 2>/dev/null || true
  sleep 1
  kill -9 $(jobs -pr) 2>/dev/null || true
  wait || true
  [ -z "$group" ] || rmdir "$group" 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
bench() { dotnet bench/Fairlead.Bench/bin/Release/net10.0/Fairlead.Bench.dll "$@"; }
until_up() { # PORT
  local end=$((SECONDS + 30))
  until curl -sf -m 10 -o /dev/null "http://127.0.0.1:$1/readyz"; do
    [ $SECONDS -lt $end ] || { echo "the gateway is not ready" >&2; exit 1; }
    sleep 0.05
  done
}

bench upstream "$work" &
for _ in $(seq 400); do [ -s "$work/url" ] && break; sleep 0.05; done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$work/gateway.key" -out "$work/gateway.crt" 2>/dev/null
port=$(free_port) tls_port=$(free_port) management_port=$(free_port)
callers=$(for i in $(seq 0 16); do printf '    - { subject: caller-%s, tokenSha256: "%s", groups: [portal] }\n' "$i" "$(printf 'caller-%s' "$i" | sha256sum | cut -d' ' -f1)"; done)
cluster() { echo "{ name: $1, url: \"$(cat "$work/url")\", authProvider: serviceAccount, serviceAccountToken: held, caFile: $work/ca.crt }"; }
# The limits are the default ones: they are what is measured.
cat > "$work/fairlead.yaml" <<EOF
listen: ["http://127.0.0.1:$port", "https://127.0.0.1:$tls_port"]
tls: { certFile: $work/gateway.crt, keyFile: $work/gateway.key }
management: { listen: http://127.0.0.1:$management_port }
kubernetes: { clusterLocatorMethods: [{ type: config, clusters: [$(cluster a), $(cluster b)] }] }
auth:
  static:
$callers
access: { rules: [{ subjects: { groups: [portal] }, clusters: ["*"], namespaces: ["*"], resources: ["*"], verbs: ["*"] }] }
audit: { file: $work/audit.log }
log: { level: warning }
EOF

# :: 1 Fairness: caller-0 sends 100 requests a second; caller-1, or somebody unknown, floods over 64 connections.
dotnet src/Fairlead/bin/Release/net10.0/fairlead.dll serve --config "$work/fairlead.yaml" >/dev/null & gateway=$!
until_up "$management_port"
url=http://127.0.0.1:$port/clusters/a/api/v1/namespaces/d/configmaps
flood() { # TOKEN SECONDS
  wrk -t1 -c64 -d"$2s" -H "Authorization: Bearer $1" "$url" >"$work/flood" &
}
bench steady "$url" caller-0 3 >/dev/null
for kind in idle known unknown; do : >"$work/$kind"; done
for _ in $(seq "$rounds"); do
  bench steady "$url" caller-0 "$seconds" >>"$work/idle"
  for kind in known unknown; do
    case $kind in known) token=caller-1 ;; unknown) token=nobody ;; esac
    flood "$token" "$((seconds + 4))"; wrk_pid=$!
    sleep 2
    bench steady "$url" caller-0 "$seconds" >>"$work/$kind"
    wait "$wrk_pid"
    awk '/requests in/ {all = $1; took = $4} /Non-2xx/ {refused = $NF} END {print (all - refused) / took, refused / took}' "$work/flood" >>"$work/$kind.flood"
  done
done
kill "$gateway"; wait "$gateway" || true

# :: 2 Memory: watches and shells over TLS, up to the limits, within 512 MiB where this machine can say so.
parent=/sys/fs/cgroup/memory
limited="not limited: no control group could be made here"
if [ -d $parent ] && mkdir "$parent/fairlead-bench-$$" 2>/dev/null; then
  group=$parent/fairlead-bench-$$
  echo $((512 * 1024 * 1024)) >"$group/memory.limit_in_bytes"
  limited="in a control group of 512 MiB"
fi
( [ -z "$group" ] || echo "$BASHPID" >"$group/tasks"; exec dotnet src/Fairlead/bin/Release/net10.0/fairlead.dll serve --config "$work/fairlead.yaml" >/dev/null ) & gateway=$!
until_up "$management_port"
before=$(awk '/VmRSS/ {print $2}' /proc/$gateway/status)
mkfifo "$work/hold"
bench crowd "$work" "$tls_port" <"$work/hold" >"$work/crowd" & crowd=$!
exec 9>"$work/hold"
for _ in $(seq 600); do grep -q "^done" "$work/crowd" && break; kill -0 "$crowd" && kill -0 "$gateway" || { echo "it did not hold" >&2; exit 1; }; sleep 0.5; done
grep -q "^done" "$work/crowd" || { echo "it took too long" >&2; exit 1; }
sleep 5
resident=$(awk '/VmRSS/ {print $2}' /proc/$gateway/status) peak=$(awk '/VmHWM/ {print $2}' /proc/$gateway/status)
until_up "$management_port"
exec 9>&-
wait "$crowd"

python3 bench/limits_report.py "$work" "$limited" "$before" "$resident" "$peak" >"$report"
cat "$report"
