#!/usr/bin/env bash
# Builds a release: a folder of files, which somebody then publishes. The same commit gives the same bytes, built anywhere at the same path or another.
#   deploy/release.sh VERSION        VERSION is that of Directory.Build.props, to be sure that both are meant
# Writes artifacts/release/VERSION: an archive for each program and kind of machine, one of the source (with docs/ and deploy/), the Helm chart, the bill of materials, the
# notes, and SHA256SUMS over all of them.
# Needs the .NET 10 SDK, git, Node, GNU tar.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# project          program     archive     kinds of machine
programs='
src/Fairlead       fairlead    fairlead    linux-x64 linux-arm64
'

fail() { echo "release.sh: $*" >&2; exit 1; }

[[ $# -eq 1 ]] || { echo "usage: deploy/release.sh VERSION" >&2; exit 2; }
version=$(sed -n 's|.*<VersionPrefix>\(.*\)</VersionPrefix>.*|\1|p' Directory.Build.props)
[[ $1 == "$version" ]] || fail "$1 is asked for, but Directory.Build.props says $version"
[[ -z $(git status --porcelain) ]] || fail "the work tree has changes; a release is built from a commit"
for key in version appVersion; do
  grep -qx "$key: $version" deploy/helm/fairlead/Chart.yaml || fail "$key in deploy/helm/fairlead/Chart.yaml is not $version"
done
# From the heading of the version up to the next one, without blank lines around it.
notes=$(awk -v heading="## [$version]" '/^## \[/ { inside = index($0, heading) == 1; next } inside' CHANGELOG.md | sed -e '/./,$!d')
[[ -n $notes ]] || fail "CHANGELOG.md has no notes under ## [$version]"

# The time in everything that has one.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
release=artifacts/release/$version
rm -rf "$release" artifacts/publish
mkdir -p "$release"

# pack ARCHIVE FOLDER [TAR OPTIONS]: FOLDER and what is in it, whoever built it and whenever.
pack() {
  tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w --format=gnu "${@:3}" -C "$(dirname "$2")" -c "$(basename "$2")" | gzip -9n > "$1"
}

while read -r project program archive machines; do
  for machine in $machines; do
    echo "== $archive for $machine"
    folder=artifacts/publish/$archive-$version-$machine
    dotnet publish "$project" -c Release -r "$machine" --self-contained -v quiet -p:ContinuousIntegrationBuild=true -p:RunAnalyzers=false -p:DebugType=none -o "artifacts/publish/$archive-$machine"
    install -D -m 755 "artifacts/publish/$archive-$machine/$program" "$folder/$program"
    install -m 644 LICENSE NOTICE "$folder"
    pack "$release/$archive-$version-$machine.tar.gz" "$folder"
  done
done < <(grep . <<< "$programs")

echo "== fairlead for people's own machines"
kinds='linux-x64 linux-arm64 osx-x64 osx-arm64 win-x64'
# shellcheck disable=SC2086 # Words.
deploy/publish-cli.sh artifacts/publish/cli $kinds
for machine in $kinds; do
  case $machine in win-*) program=fairlead.exe ;; *) program=fairlead ;; esac
  folder=artifacts/publish/fairlead-cli-$version-$machine
  install -D -m 755 "artifacts/publish/cli/$machine/$program" "$folder/$program"
  install -m 644 LICENSE NOTICE "$folder"
  pack "$release/fairlead-cli-$version-$machine.tar.gz" "$folder"
done

echo "== source, chart, bill of materials, notes"
git -c tar.umask=0022 archive --format=tar --prefix="fairlead-$version/" HEAD | gzip -9n > "$release/fairlead-$version-source.tar.gz"
pack "$release/fairlead-$version-chart.tgz" deploy/helm/fairlead --exclude=fairlead/ci
dotnet build src/Fairlead -c Release -v quiet -p:ContinuousIntegrationBuild=true -p:RunAnalyzers=false
node deploy/supply-chain.mjs
runtime=$(dotnet msbuild src/Fairlead -nologo -getProperty:BundledNETCoreAppPackageVersion)
node - artifacts/sbom/fairlead.cdx.json "$release/fairlead-$version.cdx.json" "$runtime" <<'SCRIPT'
// With the runtime that the archives hold, and without what differs from one run to the next.
const fs = require('fs');
const [from, to, runtime] = process.argv.slice(2);
const bill = JSON.parse(fs.readFileSync(from, 'utf8'));
delete bill.serialNumber;
bill.metadata.timestamp = new Date(process.env.SOURCE_DATE_EPOCH * 1000).toISOString();
bill.components.push(...['Microsoft.NETCore.App.Runtime', 'Microsoft.AspNetCore.App.Runtime'].map((name) => ({ type: 'framework', name, version: runtime, licenses: [{ license: { id: 'MIT' } }] })));
fs.writeFileSync(to, JSON.stringify(bill, null, 2) + '\n');
SCRIPT
printf '# Fairlead %s\n\n%s\n' "$version" "$notes" > "$release/RELEASE_NOTES.md"
(cd "$release" && sha256sum -- * > SHA256SUMS)
echo "$release:"
ls -l "$release"
