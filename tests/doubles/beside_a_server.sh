#!/bin/sh
# Runs the doubles of WeChat, WeCom and Telegram and a server that speaks to them, until Ctrl-C.
# Usage: beside_a_server.sh FOLDER_OF_PROGRAMS
set -eu

bin=$1
server=http://${QUANFU_LISTEN:-127.0.0.1:8000}
said=$(mktemp)
"$bin/python" -m tests.doubles --wechat-hook "$server/hooks/wechat" --wecom-hook "$server/hooks/wecom" >"$said" &
doubles=$!
trap 'kill "$doubles" 2>/dev/null || true; rm -f "$said"' EXIT
trap 'exit 130' INT TERM

until grep -q QUANFU_WECHAT__AES_KEY "$said"; do
    kill -0 "$doubles" || exit 1
    sleep 0.1
done

# shellcheck disable=SC2046 # one setting a word: none of them holds a blank
export $(grep '^QUANFU_' "$said")
export QUANFU_DATABASE_URL="${QUANFU_DATABASE_URL:-sqlite:///var/demo-channels.db}"
"$bin/quanfu" migrate
"$bin/quanfu" demo
echo "What the platforms saw, and a place to write as a client:"
sed -n 's/^# //p' "$said"
"$bin/quanfu" serve
