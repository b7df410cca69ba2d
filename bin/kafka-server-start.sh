#!/bin/sh
# Starts a broker, a controller or both, as the properties file says.
. "$(dirname "$(readlink -f "$0")")/launch.sh"
if [ $# -lt 1 ]; then
  echo "USAGE: $0 [-daemon] server.properties [--override property=value]*"
  exit 1
fi
if [ "$1" = -daemon ]; then
  shift
  logs=${LOG_DIR:-$ottla_home/logs}
  mkdir -p "$logs"
  nohup "$ottla_home/bin/kafka-server-start.sh" "$@" >"$logs/kafkaServer.out" 2>&1 </dev/null &
  exit 0
fi
# Of young memory V8 takes three times this. Its default of 16 MiB makes a crowd of short connections cost 50 MiB; half of it costs no speed.
OTTLA_NODE_OPTIONS="--max-semi-space-size=8 ${OTTLA_NODE_OPTIONS:-}"
launch server-start "$@"
