#!/bin/sh
# Measures the time from sending a record to receiving it.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch e2e-latency "$@"
