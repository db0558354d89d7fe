#!/usr/bin/env bash
# Measures what it costs to know who is calling, and what a flood of bad tokens costs the others. Writes CALLERS.md.
#   bench/callers.sh
# Needs the .NET 10 SDK.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=$(dotnet build -c Release -v quiet bench/Fairlead.Bench 2>&1) || { echo "$log" >&2; exit 1; }
result=$(dotnet bench/Fairlead.Bench/bin/Release/net10.0/Fairlead.Bench.dll callers)
cat > bench/CALLERS.md <<EOF
# Results of the caller stage

One run of \`bench/callers.sh\` on $(nproc) cores ($(uname -m)). The first table is the stage alone, in one process and on one thread; the second a gateway in the same process as the
clients and the cluster, so that all share the cores: the bound on reviews counts there, and that nobody who is known is refused or reviewed.

$result
EOF
cat bench/CALLERS.md
