#!/bin/sh
# Tells the id and the endpoints of a cluster.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch cluster "$@"
