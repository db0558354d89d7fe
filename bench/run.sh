#!/usr/bin/env bash
# Measures Fairlead beside HAProxy, nginx, bare YARP, kubectl proxy and Backstage's backend, all in one run on this machine.
#   bench/run.sh [--quick] [SECTION...]
# All of it writes RESULTS.md beside this file, and plots into results/; --quick (under three minutes) and named sections write the same into artifacts/bench/report. An unknown SECTION lists them.
# Needs the .NET 10 SDK, Node and Python 3, for the command line's native code a C compiler and zlib's headers, and root for apt-get where nginx, HAProxy, wrk, h2load, curl or openssl
# is missing. kubectl is FAIRLEAD_KUBECTL or the one that the tests install: one on PATH may be a script that starts another process.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 PYTHONDONTWRITEBYTECODE=1

python3 bench/measure --check "$@"

missing=()
for pair in nginx:nginx haproxy:haproxy wrk:wrk h2load:nghttp2-client curl:curl openssl:openssl; do
  command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
    || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; }
fi
kubectl=${FAIRLEAD_KUBECTL:-$PWD/test/clients/.tools/kubectl}
[ -x "$kubectl" ] || test/clients/install.sh
(
  cd bench/backstage
  cmp -s package-lock.json node_modules/.installed-lock.json || { npm ci --loglevel=error && cp package-lock.json node_modules/.installed-lock.json; }
)

quietly() { log=$("$@" 2>&1) || { echo "$log" >&2; exit 1; }; }
runtime=$(dotnet msbuild src/Fairlead -nologo -getProperty:NETCoreSdkPortableRuntimeIdentifier)
quietly dotnet build -c Release -v quiet bench/Fairlead.Bench
# As deploy/release.sh ships it.
quietly dotnet publish src/Fairlead -c Release -r "$runtime" --self-contained -v quiet -p:RunAnalyzers=false -p:DebugType=none -o artifacts/bench/server
cli=()
if [[ " $* " != *" --quick "* ]]; then
  quietly deploy/publish-cli.sh artifacts/bench/cli "$runtime"
  cli=(--cli "artifacts/bench/cli/$runtime/fairlead")
fi

ulimit -n 100000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
exec python3 bench/measure --server "$PWD/artifacts/bench/server/fairlead" --kubectl "$kubectl" "${cli[@]/#artifacts/$PWD/artifacts}" "$@"
