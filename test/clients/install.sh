#!/usr/bin/env bash
# Installs the clients that the end-to-end tests run: JavaScript packages into node_modules/, programs into .tools/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Takes one file out of a Debian package: PACKAGE FILE NAME, where FILE may be a pattern. Nothing is installed into the system, and no service is started.
take_from_debian() {
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
  local package=$1 program=$2 name=$3 work; work=$(mktemp -d)
  (
    cd "$work"
    apt-get -qq download "$package" 2>/dev/null \
      || { apt-get -qq update && apt-get -qq download "$package"; }
    dpkg -x ./*.deb .
  ) && install -D "$work"/$program ".tools/$name"
  local result=$?
  rm -rf "$work"
  return $result
}

# Redis comes as one program of several names, with two libraries that systems without it do not have.
take_redis() {
  take_from_debian redis-tools usr/bin/redis-check-rdb redis/redis-server \
    && take_from_debian libjemalloc2 'usr/lib/*/libjemalloc.so.2' redis/libjemalloc.so.2 \
    && take_from_debian liblzf1 'usr/lib/*/liblzf.so.1' redis/liblzf.so.1 || return 1
  cat > .tools/redis-server <<'EOF'
#!/bin/sh
here=$(dirname "$0")/redis
LD_LIBRARY_PATH=$here exec "$here/redis-server" "$@"
EOF
  chmod +x .tools/redis-server
}

# HAProxy needs libraries that systems without it do not have.
take_haproxy() {
  take_from_debian haproxy usr/sbin/haproxy haproxy.d/haproxy \
    && take_from_debian liblua5.3-0 'usr/lib/*/liblua5.3.so.0' haproxy.d/liblua5.3.so.0 \
    && take_from_debian libopentracing-c-wrapper0 'usr/lib/*/libopentracing-c-wrapper.so.0' haproxy.d/libopentracing-c-wrapper.so.0 \
    && take_from_debian libopentracing1 'usr/lib/*/libopentracing.so.1' haproxy.d/libopentracing.so.1 || return 1
  cat > .tools/haproxy <<'EOF'
#!/bin/sh
here=$(dirname "$0")/haproxy.d
LD_LIBRARY_PATH=$here exec "$here/haproxy" "$@"
EOF
  chmod +x .tools/haproxy
}

# Prometheus looks for its pages in one place of the system only: they are put there, where that is allowed. No service is installed.
take_prometheus() {
  take_from_debian prometheus usr/bin/prometheus prometheus && take_from_debian prometheus usr/bin/promtool promtool || return 1
  [[ $EUID -eq 0 && ! -e /usr/share/prometheus ]] || return 0
  local work; work=$(mktemp -d)
  (cd "$work" && apt-get -qq download prometheus 2>/dev/null && dpkg -x ./*.deb . && cp -r usr/share/prometheus /usr/share/) \
    || echo "!! Prometheus' pages could not be installed: the test with them will be skipped" >&2
  rm -rf "$work"
}

# A browser needs the libraries of the system: this one is installed, where that is allowed.
install_chromium() {
  command -v apt-get >/dev/null && [[ $EUID -eq 0 ]] || return 1
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq install -y --no-install-recommends chromium >/dev/null 2>&1 \
    || { apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium >/dev/null; }
}

has() { command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 || -x .tools/$1 ]]; }

# What is in the lock file of a folder, unless that has been done.
install_packages() {
  (
    cd "$1"
    if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
      npm ci --loglevel=error
      "${@:2}"
      cp package-lock.json node_modules/.installed-lock.json
    fi
  )
}

install_packages . node unpack.js
install_packages portal
install_packages terminal
(cd terminal && node bundle.mjs)

if [[ ! -x .tools/kubectl-1.20 ]] && ! take_from_debian 'kubernetes-client=1.20*' usr/bin/kubectl kubectl-1.20; then
  echo "!! kubectl 1.20 could not be installed (it comes from Debian 12 by apt): the tests with SPDY by kubectl will be skipped" >&2
fi

if ! has nginx && ! take_from_debian nginx usr/sbin/nginx nginx; then
  echo "!! nginx could not be installed (it comes from Debian by apt): the tests with a chart repository and with a proxy in front will be skipped" >&2
fi

if ! has haproxy && ! take_haproxy; then
  echo "!! HAProxy could not be installed (it comes from Debian by apt): the tests with it in front will be skipped" >&2
fi

if ! { has prometheus && has promtool; } && ! take_prometheus; then
  echo "!! Prometheus could not be installed (it comes from Debian by apt): the tests with it will be skipped" >&2
fi

if ! has redis-server && ! take_redis; then
  echo "!! redis-server could not be installed (it comes from Debian by apt): the tests of sessions in Redis will be skipped" >&2
fi

if [[ ! -e .tools/libfaketime.so.1 ]] && ! take_from_debian libfaketime 'usr/lib/*/faketime/libfaketime.so.1' libfaketime.so.1; then
  echo "!! libfaketime could not be installed (it comes from Debian by apt): the tests of a clock that jumps will be skipped" >&2
fi

if ! has chromium && ! has chromium-browser && ! has google-chrome && ! install_chromium; then
  echo "!! Chromium could not be installed (as root: apt-get install chromium): the tests in a browser will be skipped" >&2
fi
