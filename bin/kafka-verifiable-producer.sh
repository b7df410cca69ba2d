#!/bin/sh
# Produces increasing integers and tells of each answer as JSON.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch verifiable-producer "$@"
