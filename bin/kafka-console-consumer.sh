#!/bin/sh
# Prints the records of topics.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch console-consumer "$@"
