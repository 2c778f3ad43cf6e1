#!/bin/sh
# Shows an emotion as it begins on the desktop: serd bridge command --phase start -- ./notify.sh
# The event is one line of JSON on standard input. Where there is no notify-send it prints.
set -eu
text=$(jq -r '"\(.source): \(.data.label) (\(.data.confidence * 100 | round) %)"')
if command -v notify-send >/dev/null; then
    exec notify-send --app-name=serd "$text"
fi
echo "$text"
