#!/bin/sh
# Bring a Chromium with Chinese fonts where the package manager may be used; never fail: without one
# the browser tests are skipped, and one line says how to get it.
set -u

missing() {
    command -v "${CHROMIUM:-chromium}" >/dev/null 2>&1 || return 0
    ! fc-list :lang=zh 2>/dev/null | grep -q .
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install() {
    as_root apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk >/dev/null 2>&1
}

missing || exit 0
if command -v apt-get >/dev/null 2>&1 && as_root true 2>/dev/null; then
    echo "Installing Chromium and Chinese fonts for the browser tests"
    export DEBIAN_FRONTEND=noninteractive
    install || { as_root apt-get update -qq >/dev/null 2>&1 && install; }
fi
if missing; then
    echo "*** BROWSER TESTS WILL BE SKIPPED: no Chromium with Chinese fonts. Install it (Debian: apt-get install chromium fonts-noto-cjk) or set CHROMIUM=/path/to/it. ***" >&2
fi
exit 0
