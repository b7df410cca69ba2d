#!/bin/sh
# Consumes a topic and tells of everything it sees as JSON.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch verifiable-consumer "$@"
