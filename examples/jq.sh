#!/bin/sh
# Prints each emotion as it begins and ends: jq.sh [ENDPOINT] [any other argument of `serd tail`]
serd tail --kind segment "$@" | jq --raw-output --unbuffered '
  .time + " " + .data.label +
  if .data.phase == "start"
  then " (\(.data.confidence * 100 | round)%)"
  else " ended after \(.data.duration_s) s"
  end'
