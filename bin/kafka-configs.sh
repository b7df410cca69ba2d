#!/bin/sh
# Shows and changes the configs of topics, brokers, groups and client metrics.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch configs "$@"
