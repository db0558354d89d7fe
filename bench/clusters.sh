#!/usr/bin/env bash
# Measures what a catalogue of 500 clusters, ten of them broken, costs beside one of a single cluster: from the start of the process to ready, and for each
# request to a cluster that is warm. Both in one run, in turns, over the same TLS upstream; writes CLUSTERS.md.
#   bench/clusters.sh [--quick]
# Needs the .NET 10 SDK, Python 3, curl and openssl; root for apt-get where wrk is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=5 seconds=8 starts=7
case ${1:-} in
  "") ;;
  --quick) rounds=3 seconds=3 starts=5 ;;
  *) echo "usage: bench/clusters.sh [--quick]" >&2; exit 2 ;;
esac
command -v wrk >/dev/null || apt-get install -y -qq wrk >/dev/null

log=$(dotnet build -c Release -v quiet bench/Fairlead.Bench 2>&1) || { echo "$log" >&2; exit 1; }
work=$(mktemp -d)
stop() {
  kill $(jobs -pr) 2>/dev/null || true
  wait || true
  rm -rf "$work"
}
trap stop EXIT
log=$(dotnet publish -c Release -v quiet --use-current-runtime --self-contained false -o "$work/server" src/Fairlead 2>&1) || { echo "$log" >&2; exit 1; }
bench="dotnet bench/Fairlead.Bench/bin/Release/net10.0/Fairlead.Bench.dll"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
token=bench-token
$bench upstream "$work" &
for _ in $(seq 200); do [ -s "$work/url" ] && break; sleep 0.05; done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/client.key" -out "$work/client.crt" -days 365 -subj /CN=client 2>/dev/null

for clusters in 1 500; do
  python3 bench/clusters_config.py "$work" "$clusters" "$(free_port)" "$(free_port)" "$(printf %s $token | sha256sum | cut -d' ' -f1)" > "$work/$clusters.yaml"
done

port_of() { awk -F'[:/ ]+' '/^listen/ {print $4}' "$work/$1.yaml"; }
ready_of() { awk '/^management/ {print $4}' "$work/$1.yaml"; }
serve() { dotnet "$work/server/fairlead.dll" serve --config "$work/$1.yaml" >/dev/null & }
until_up() { # URL
  local end=$((SECONDS + 20))
  until curl -sf -m 5 -o /dev/null -H "Authorization: Bearer $token" "$1"; do
    [ $SECONDS -lt $end ] || { echo "does not answer 200: $1" >&2; exit 1; }
    sleep 0.002
  done
}

for _ in $(seq "$starts"); do
  for clusters in 1 500; do
    began=$(date +%s%N)
    serve "$clusters"
    server=$!
    until_up "$(ready_of "$clusters")/readyz"
    echo "start $clusters $((($(date +%s%N) - began) / 1000)) 0" >> "$work/measured"
    kill "$server"; wait "$server" || true
  done
done

declare -A pid
for clusters in 1 500; do
  serve "$clusters"
  pid[$clusters]=$!
  until_up "http://127.0.0.1:$(port_of "$clusters")/clusters/c0/api/v1/namespaces/default/configmaps"
done
load() { wrk -t2 -c32 -d"$2s" -H "Authorization: Bearer $token" "http://127.0.0.1:$(port_of "$1")/clusters/c0/api/v1/namespaces/default/configmaps"; }
cpu() { awk '{print $14 + $15}' "/proc/$1/stat"; }
hertz=$(getconf CLK_TCK)
for clusters in 1 500; do load "$clusters" "$seconds" >/dev/null; done
for _ in $(seq "$rounds"); do
  for clusters in 1 500; do
    before=$(cpu "${pid[$clusters]}")
    load "$clusters" "$seconds" > "$work/wrk"
    after=$(cpu "${pid[$clusters]}")
    grep -Eq "Non-2xx|Socket errors" "$work/wrk" && { echo "errors with $clusters clusters" >&2; cat "$work/wrk" >&2; exit 1; }
    requests=$(awk '/requests in/ {print $1}' "$work/wrk")
    echo "request $clusters $(awk -v t=$((after - before)) -v h="$hertz" -v n="$requests" 'BEGIN {print t / h * 1e6 / n}') $(awk '/Requests\/sec/ {print $2}' "$work/wrk")" >> "$work/measured"
  done
done

python3 bench/clusters_report.py "$work/measured" | tee bench/CLUSTERS.md
