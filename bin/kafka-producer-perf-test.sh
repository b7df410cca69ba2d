#!/bin/sh
# Measures how fast records can be produced.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch producer-perf-test "$@"
