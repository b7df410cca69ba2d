# Sourced by the look-alikes in this folder: finds the repository, a Node of version 24 or newer and the built entry, then `launch ENTRY ARGS…`
# replaces the shell by it, so that the pid of the script is the pid of the program. Works from any directory and through symbolic links.
set -eu
ottla_home=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd -P)
entries=$ottla_home/packages/cli/bundle

find_node() {
  node=$ottla_home/node_modules/.bin/node
  [ -x "$node" ] && return 0
  node=$(command -v node || true)
  if [ -n "$node" ] && [ "$("$node" -p 'Number(process.versions.node.split(".")[0]) >= 24')" = true ]; then return 0; fi
  echo "Ottla needs Node.js 24 or newer: run 'npm install' in $ottla_home, which brings one along." >&2
  exit 1
}

launch() {
  entry=$entries/$1.js
  shift
  find_node
  if [ ! -f "$entry" ]; then
    echo "Ottla is not built yet: run 'npm install' in $ottla_home." >&2
    exit 1
  fi
  # Read once, before libuv starts its pool: fdatasync gets half of these threads, cold reads the rest.
  UV_THREADPOOL_SIZE=${UV_THREADPOOL_SIZE:-16}
  # Compiled code of the entry, kept beside it: a start takes a third less time. A folder that cannot be written is passed over.
  NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$entries/compiled}
  export UV_THREADPOOL_SIZE NODE_COMPILE_CACHE
  exec "$node" ${OTTLA_NODE_OPTIONS:-} "$entry" "$@"
}
