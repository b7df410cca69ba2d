#!/bin/sh
# Lists groups of every kind.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch groups "$@"
