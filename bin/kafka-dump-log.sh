#!/bin/sh
# Shows what is in segments, indexes and snapshots.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch dump-log "$@"
