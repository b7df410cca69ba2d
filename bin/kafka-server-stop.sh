#!/bin/sh
# Signals every server that was started from this installation, or those of one role or node: [--process-role=ROLE] [--node-id=ID].
# Other arguments are ignored, as in Kafka. SIGNAL names the signal (default TERM).
. "$(dirname "$(readlink -f "$0")")/launch.sh"
role='' id=''
for argument in "$@"; do
  case $argument in
    --process-role=*) role=${argument#*=} ;;
    --node-id=*) id=${argument#*=} ;;
  esac
done

# property FILE KEY: the last value of the key in a properties file
property() { sed -n "s/^[[:space:]]*$2[[:space:]]*[=:][[:space:]]*\(.*[^[:space:]]\)[[:space:]]*\$/\1/p" "$1" | tail -n 1; }

# file_of PID: the properties file of a server. Where the system keeps arguments apart, blanks in the path do no harm.
file_of() {
  if [ -r "/proc/$1/cmdline" ]; then
    tr '\0' '\n' <"/proc/$1/cmdline" | awk -v entry="$entries/server-start.js" 'found { print; exit } $0 == entry { found = 1 }'
  else
    ps -ww -o args= -p "$1" | awk -v entry="$entries/server-start.js" '{ for (i = 1; i < NF; i++) if ($i == entry) print $(i + 1) }'
  fi
}

found=''
for pid in $(ps -A -ww -o pid=,args= | awk -v entry="$entries/server-start.js" 'index($0, entry) && $2 !~ /awk$/ { print $1 }'); do
  if [ -n "$role$id" ]; then
    file=$(file_of "$pid")
    case $file in /*) ;; *) file=$(readlink "/proc/$pid/cwd" 2>/dev/null || pwd)/$file ;; esac
    [ -r "$file" ] || continue
    node_id=$(property "$file" 'node\.id')
    [ -n "$node_id" ] || node_id=$(property "$file" 'broker\.id')
    [ -z "$id" ] || [ "$node_id" = "$id" ] || continue
    case ",$(property "$file" 'process\.roles')," in *",$role,"* | *",$role"*) ;; *) [ -z "$role" ] || continue ;; esac
  fi
  found="$found $pid"
done
if [ -z "$found" ]; then
  [ -z "$role$id" ] || { echo "No kafka server to stop that matches the given role or node id"; exit 0; }
  echo "No kafka server to stop"
  exit 1
fi
# shellcheck disable=SC2086
kill -s "${SIGNAL:-TERM}" $found
