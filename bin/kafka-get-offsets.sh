#!/bin/sh
# Tells offsets of partitions.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch get-offsets "$@"
