#!/bin/sh
# Formats and inspects data directories, and makes cluster ids.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch storage "$@"
