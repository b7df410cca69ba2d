#!/bin/sh
# Tells which APIs in which versions brokers serve.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
launch broker-api-versions "$@"
