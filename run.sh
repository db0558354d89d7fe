#!/usr/bin/env bash
# Starts the demo (a small cluster in this process with Fairlead in front of it), or with arguments the real thing:
#   ./run.sh                      the demo
#   ./run.sh --config FILE ...    fairlead serve --config FILE ...
#   ./run.sh check --config FILE  fairlead check --config FILE; the same for can and rbac
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v dotnet >/dev/null; then
  echo "The .NET 10 SDK is needed: https://dotnet.microsoft.com/download" >&2
  exit 1
fi

# No dump of a process that holds keys, and no port into it. The server sees to that itself; so it need not start twice.
export DOTNET_DbgEnableMiniDump=0 DOTNET_EnableDiagnostics=0 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

build() {
  if ! log=$(dotnet build -c Release -v quiet "$1" 2>&1); then
    echo "$log" >&2
    exit 1
  fi
}

if [ $# -eq 0 ]; then
  build samples/Demo
  exec dotnet samples/Demo/bin/Release/net10.0/Fairlead.Demo.dll
fi
build src/Fairlead
case $1 in serve | check | can | rbac) ;; *) set -- serve "$@" ;; esac
exec dotnet src/Fairlead/bin/Release/net10.0/fairlead.dll "$@"
