#!/bin/sh
# Creates, lists, describes, changes and deletes topics.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch topics "$@"
