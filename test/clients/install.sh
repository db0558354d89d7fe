#!/usr/bin/env bash
# Installs the clients that the end-to-end tests run: JavaScript packages into node_modules/, programs into .tools/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

install_old_kubectl() {
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
  local work; work=$(mktemp -d)
  (
    cd "$work"
    apt-get -qq download 'kubernetes-client=1.20*' 2>/dev/null \
      || { apt-get -qq update && apt-get -qq download 'kubernetes-client=1.20*'; }
    dpkg -x kubernetes-client_*.deb .
  ) && install -D "$work/usr/bin/kubectl" .tools/kubectl-1.20
  local result=$?
  rm -rf "$work"
  return $result
}

if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
  npm ci --loglevel=error
  node unpack.js
  cp package-lock.json node_modules/.installed-lock.json
fi

if [[ ! -x .tools/kubectl-1.20 ]] && ! install_old_kubectl; then
  echo "!! kubectl 1.20 could not be installed (it comes from Debian 12 by apt): the tests with SPDY by kubectl will be skipped" >&2
fi
