#!/usr/bin/env bash
# Fuzzes every parser with afl-fuzz (AFL++) and SharpFuzz, and says what was found.
#   --minutes N       how long in all, over all targets (10)
#   --target NAME     only this one; may be repeated
#   --jobs N          how many at once (2)
# Findings end it with 1, with each input and how to replay it; 2 says that there are none, but the fuzzer, or one target, could not run.
# What it has found stands in artifacts/fuzz/results.json and, with the corpora that it has grown, in artifacts/fuzz/TARGET.
# Needs the .NET 10 SDK, and apt and root where AFL++ is not installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

minutes=10
jobs=2
targets=()
while (($#)); do
  case $1 in
    --minutes) minutes=${2:?--minutes needs a number}; shift 2 ;;
    --target) targets+=("${2:?--target needs a name}"); shift 2 ;;
    --jobs) jobs=${2:?--jobs needs a number}; shift 2 ;;
    *) echo "usage: test/hostile/fuzz.sh [--minutes N] [--target NAME ...] [--jobs N]" >&2; exit 2 ;;
  esac
done

fail() { echo "fuzz.sh: $*" >&2; exit 2; }

command -v dotnet >/dev/null || fail "missing: dotnet (the .NET 10 SDK)"
if ! command -v afl-fuzz >/dev/null; then
  command -v apt-get >/dev/null && [[ $(id -u) == 0 ]] || fail "missing: afl-fuzz; install AFL++ (Debian and Ubuntu: apt install afl++)"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends afl++; } >/dev/null || fail "AFL++ could not be installed"
fi

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
out=$PWD/artifacts/fuzz
app=$out/app
# The same without the instruments, to replay with.
plain=$PWD/test/Fairlead.Fuzz/bin/Release/net10.0/Fairlead.Fuzz.dll
rm -rf "$app"
mkdir -p "$out"
dotnet tool restore >/dev/null || fail "the tool sharpfuzz could not be restored"
# Compiled to IL only, which is what can be instrumented.
dotnet publish test/Fairlead.Fuzz -c Release -v quiet -o "$app" || fail "the build has failed"
for assembly in fairlead.dll Fairlead.Kubernetes.dll YamlDotNet.dll; do
  dotnet sharpfuzz "$app/$assembly" || fail "$assembly could not be instrumented"
done

mapfile -t known < <(dotnet "$app/Fairlead.Fuzz.dll" --list)
((${#known[@]})) || fail "there are no targets"
((${#targets[@]})) || targets=("${known[@]}")
for target in "${targets[@]}"; do
  [[ " ${known[*]} " == *" $target "* ]] || fail "no target $target; there are ${known[*]}"
  [[ -d test/hostile/corpus/$target ]] || fail "no corpus for $target"
done

rounds=$(((${#targets[@]} + jobs - 1) / jobs))
seconds=$((minutes * 60 / rounds))
((seconds >= 10)) || fail "$minutes minutes are less than ten seconds for each target"

# In memory where that is possible; processes that were ended leave something behind.
TMPDIR=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

# Nothing to look at, nothing to ask for, and no core dumps: what ends the process is seen by its fork server.
export AFL_NO_UI=1 AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_FORKSRV_INIT_TMOUT=60000
# An input that fills the memory, or a leak over many, ends the process.
export DOTNET_GCHeapHardLimit=0x20000000 DOTNET_TieredPGO=0

fuzz() {
  local target=$1 into=$out/$1
  rm -rf "$into"
  # Ten seconds: shared machines stand still for long, and the inputs take microseconds.
  timeout --foreground --kill-after=30 $((seconds + 300)) afl-fuzz -i "test/hostile/corpus/$target" -o "$into" -t 10000 -m none -V "$seconds" \
    -- dotnet "$app/Fairlead.Fuzz.dll" "$target" >"$out/$target.log" 2>&1 || echo "$?" >"$out/$target.failed"
}

echo "fuzzing ${#targets[@]} targets for $seconds seconds each, $jobs at once"
rm -f "$out"/*.failed "$out"/*.log
running=0
for target in "${targets[@]}"; do
  if ((running >= jobs)); then
    wait -n || true
    running=$((running - 1))
  fi
  fuzz "$target" &
  running=$((running + 1))
done
wait

read_stat() { sed -n "s/^$2 *: *//p" "$1" | tr -d '%'; }

code=0
found=()
rows=()
printf '\n%-20s %9s %12s %8s %7s %7s %6s\n' target seconds executions paths edges crashes hangs
for target in "${targets[@]}"; do
  stats=$out/$target/default/fuzzer_stats
  if [[ -f $out/$target.failed || ! -f $stats ]]; then
    echo "$target could not be fuzzed; the end of $out/$target.log:" >&2
    tail -n 15 "$out/$target.log" >&2
    rows+=("{\"target\":\"$target\",\"failed\":true}")
    code=2
    continue
  fi
  run=$(read_stat "$stats" run_time); execs=$(read_stat "$stats" execs_done); paths=$(read_stat "$stats" corpus_count)
  edges=$(read_stat "$stats" edges_found); crashes=$(read_stat "$stats" saved_crashes); hangs=$(read_stat "$stats" saved_hangs)
  printf '%-20s %9s %12s %8s %7s %7s %6s\n' "$target" "$run" "$execs" "$paths" "$edges" "$crashes" "$hangs"
  rows+=("{\"target\":\"$target\",\"minutes\":$(awk "BEGIN { printf \"%.1f\", $run / 60 }"),\"seconds\":$run,\"executions\":$execs,\"paths\":$paths,\"edges\":$edges,\"crashes\":$crashes,\"hangs\":$hangs}")
  while IFS= read -r -d '' input; do found+=("$target $input"); done \
    < <(find "$out/$target/default/crashes" "$out/$target/default/hangs" -type f -name 'id*' -print0 2>/dev/null)
done

{
  printf '{"commit":"%s","at":"%s","minutes":%s,"targets":[' "$(git rev-parse HEAD 2>/dev/null || echo unknown)" "$(date -u +%FT%TZ)" "$minutes"
  (IFS=,; printf '%s' "${rows[*]}")
  printf ']}\n'
} >"$out/results.json"

if ((${#found[@]})); then
  echo
  echo "found ${#found[@]}; replay one with"
  for one in "${found[@]}"; do
    echo "  dotnet $plain ${one%% *} '${one#* }'"
  done
  first=${found[0]}
  timeout 60 dotnet "$plain" "${first%% *}" "${first#* }" || true
  code=1
fi
exit "$code"
