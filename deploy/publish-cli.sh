#!/usr/bin/env bash
# Publishes fairlead for people's own machines: deploy/publish-cli.sh FOLDER [KIND...]
# A KIND is a runtime identifier, as in linux-x64, osx-arm64, win-x64; without any, that of this machine. Each comes into a folder of its name below FOLDER.
# For this kind of machine it is compiled to native code (which needs clang or gcc, and zlib's headers). Native compilation does not cross systems: for
# the others it is one trimmed file that brings its runtime. So the whole set in native code needs one run on each system.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[[ $# -ge 1 ]] || { echo "usage: deploy/publish-cli.sh FOLDER [KIND...]" >&2; exit 2; }
folder=$1
shift
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

case $(uname -s) in Linux) system=linux ;; Darwin) system=osx ;; *) system=win ;; esac
case $(uname -m) in x86_64 | amd64) machine=x64 ;; aarch64 | arm64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
own=$system-$machine
[[ $# -gt 0 ]] || set -- "$own"

for kind; do
  options=()
  [[ $kind == "$own" ]] || options=(--self-contained -p:PublishAot=false -p:PublishSingleFile=true -p:PublishTrimmed=true -p:TrimmerRemoveSymbols=true)
  dotnet publish "$here/../src/Fairlead.Cli" -c Release -v quiet -r "$kind" -o "$folder/$kind" -p:DebugType=none "${options[@]+"${options[@]}"}"
  rm -f "$folder/$kind"/*.dbg
  rm -rf "$folder/$kind"/*.dSYM
done
