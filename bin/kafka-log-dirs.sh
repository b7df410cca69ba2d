#!/bin/sh
# Tells the log directories of brokers: replicas, sizes, moves under way.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch log-dirs "$@"
