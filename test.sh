#!/usr/bin/env bash
# Installs what the tests need, runs them all, and says at the end what was skipped and why.
# Needs the .NET 10 SDK, Node and npm.
#   --soak     runs the long tests too
#   --report   puts the results of the hostile requests into test/hostile/REPORT.md
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

report=
for argument in "$@"; do
  case $argument in
    --soak) export FAIRLEAD_SOAK=1 ;;
    --report) report=1 ;;
    *) echo "usage: ./test.sh [--soak] [--report]" >&2; exit 2 ;;
  esac
done

for tool in dotnet node npm; do
  command -v "$tool" >/dev/null || { echo "missing: $tool (the tests need the .NET 10 SDK, Node and npm)" >&2; exit 1; }
done

test/clients/install.sh
export FAIRLEAD_KUBECTL=$PWD/test/clients/.tools/kubectl
export FAIRLEAD_HELM=$PWD/test/clients/.tools/helm
export FAIRLEAD_KUBECTL_OLD=$PWD/test/clients/.tools/kubectl-1.20
export FAIRLEAD_NODE_MODULES=$PWD/test/clients/node_modules
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

dotnet build Fairlead.slnx -c Release -v quiet

# The one file that the image and the archives hold, for the tests of them; compiled ahead it is the same, only later.
case $(uname -m) in x86_64) machine=linux-x64 ;; aarch64) machine=linux-arm64 ;; *) machine= ;; esac
if [[ $(uname -s) == Linux && -n $machine ]]; then
  dotnet publish src/Fairlead -c Release -v quiet -r "$machine" --self-contained -p:PublishReadyToRun=false -p:RunAnalyzers=false -o artifacts/publish/test
fi

reports=artifacts/tests
rm -rf "$reports"
mkdir -p "$reports"
runs=()
for project in test/*Tests; do
  name=$(basename "$project")
  echo "== $name"
  code=0
  dotnet "$project/bin/Release/net10.0/$name.dll" -noLogo -noColor -result-ctrf "$reports/$name.json" || code=$?
  runs+=("$name=$code")
done

echo "== supply chain"
code=0
node deploy/supply-chain.mjs "$reports/supply-chain.json" || code=$?
runs+=("supply-chain=$code")

result=0
node test/summary.mjs "$reports" "${runs[@]}" || result=$?
[[ -z $report ]] || cp "$reports/hostile.md" test/hostile/REPORT.md
exit "$result"
