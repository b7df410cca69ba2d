#!/bin/sh
# Sends each line of standard input as a record.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch console-producer "$@"
