#!/bin/sh
# Deletes the records of partitions up to given offsets.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch delete-records "$@"
