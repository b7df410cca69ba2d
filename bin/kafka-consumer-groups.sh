#!/bin/sh
# Lists, describes and deletes consumer groups, and resets their offsets.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch consumer-groups "$@"
