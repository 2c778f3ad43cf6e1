#!/bin/sh
# Prints each emotion as it begins, from `serd bridge mqtt`: ./mqtt.sh [HOST [PORT]]
set -eu
mosquitto_sub -h "${1:-127.0.0.1}" -p "${2:-1883}" -t 'serd/+/segment' |
    jq -r --unbuffered 'select(.event_type != "ended") | "\(.time) \(.emotion) (\(.confidence * 100 | round)%)"'
