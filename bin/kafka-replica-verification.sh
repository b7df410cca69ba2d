#!/bin/sh
# Compares the replicas of topics.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch replica-verification "$@"
