#!/bin/sh
# Measures how fast records can be consumed.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch consumer-perf-test "$@"
