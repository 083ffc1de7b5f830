#!/bin/sh
# Bring the clients for node into a folder, where npm is present and the packages can be had; never fail: without them
# their tests are skipped, and one line says how to get them. The lock file holds the hash of every package.
set -u

here=$(dirname "$0")
folder=$1

install() {
    mkdir -p "$folder" && cp "$here/package.json" "$here/package-lock.json" "$folder" &&
        npm --prefix "$folder" ci --ignore-scripts --no-audit --no-fund --fetch-retries=1 >/dev/null 2>&1
}

cmp -s "$here/package-lock.json" "$folder/package-lock.json" && [ -d "$folder/node_modules" ] && exit 0
if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then
    echo "Installing the clients for node that the doubles are held to"
    install && exit 0
    rm -rf "$folder"
fi
echo "*** TESTS WITH CLIENTS FOR NODE WILL BE SKIPPED: install node and npm, then run: make node-clients ***" >&2
exit 0
