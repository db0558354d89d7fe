#!/usr/bin/env bash
# Measures what a decision costs: by access rules, and by a cluster's answer that is remembered. Writes ACCESS.md.
#   bench/access.sh
# Needs the .NET 10 SDK.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=$(dotnet build -c Release -v quiet bench/Fairlead.Bench 2>&1) || { echo "$log" >&2; exit 1; }
rm -rf artifacts/access
log=$(dotnet bench/Fairlead.Bench/bin/Release/net10.0/Fairlead.Bench.dll access 2>&1) || { echo "$log" >&2; exit 1; }
table() { grep '^|' "artifacts/access/results/Fairlead.Bench.$1-report-github.md" | tr -d '*'; }
rules=$(table AccessBenchmarks)
reviews=$(table ReviewBenchmarks)
cat > bench/ACCESS.md <<EOF
# Results of the decision

One run of \`bench/access.sh\` on $(nproc) cores ($(uname -m)): BenchmarkDotNet, a short run in one process.

## By access rules

The caller has 30 groups and a claim. The rules speak of teams and their namespaces, people, claims and groups by pattern; some deny, one in ten is for another cluster. \`EveryRuleIsAPattern\` is the worst that can be written: the users of every rule are a pattern
and its namespaces all, so that each rule has to be looked at.

$rules

## By a cluster's answer that is remembered

With what each request brings anew: a token of 900 characters, of which the hash is taken; a caller with 30 groups who is impersonated.

$reviews
EOF
cat bench/ACCESS.md
