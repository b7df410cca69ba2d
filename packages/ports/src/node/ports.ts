// The ports of a real process in one bundle.
import type { Ports } from "../ports.ts";
import { createNodeChores } from "./chores.ts";
import { createNodeClock } from "./clock.ts";
import { createNodeCrypto } from "./crypto.ts";
import { createNodeDisk } from "./disk/node-disk.ts";
import { createNodeNetwork } from "./network/node-network.ts";
import { createNodeProcess } from "./process.ts";
import { createNodeRandom } from "./random.ts";
import { createNodeTimers } from "./timers.ts";
import { createNodeTurn } from "./turn.ts";
import { createNodeWatchdog } from "./watchdog.ts";
import { createNodeZip } from "./zip/index.ts";

/** What a program decides about its ports. */
export interface NodePortsOptions {
  /**
   * The module that exports `chores: ChoreTable`, loaded in the worker thread. Without it every chore fails.
   */
  readonly choreModule?: URL;
  /** See `NodeNetworkOptions.receive`. */
  readonly receive?: "shared" | "data";
}

/**
 * The ports of this process. Make one bundle per process: locks and file replacements are ordered within it.
 */
export function createNodePorts(options: NodePortsOptions = {}): Ports {
  const clock = createNodeClock();
  return {
    clock,
    timers: createNodeTimers(clock),
    turn: createNodeTurn(),
    random: createNodeRandom(),
    crypto: createNodeCrypto(),
    zip: createNodeZip(),
    chores: createNodeChores(options.choreModule ?? null),
    disk: createNodeDisk(),
    network: createNodeNetwork(options.receive === undefined ? {} : { receive: options.receive }),
    process: createNodeProcess(),
    watchdog: createNodeWatchdog(),
  };
}
