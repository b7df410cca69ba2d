// The environment of a real process. Its timers keep the process alive: a client that waits to try again has
// work to do. `close` of each client ends that.
import {
  createNodeClock,
  createNodeCrypto,
  createNodeNetwork,
  createNodeRandom,
  createNodeTimers,
  createNodeTurn,
  createNodeZip,
} from "@ottla/ports";
import { type ClientEnvironment, type ClientLogger, clientEnvironment } from "./client-environment.ts";

/** The environment of this process. Share one among clients, so that their ids differ. */
export function nodeEnvironment(logger?: ClientLogger): ClientEnvironment {
  const clock = createNodeClock();
  const ports = {
    clock,
    timers: createNodeTimers(clock, { keepsProcess: true }),
    turn: createNodeTurn(),
    random: createNodeRandom(),
    crypto: createNodeCrypto(),
    zip: createNodeZip(),
    network: createNodeNetwork(),
  };
  return clientEnvironment(ports, logger);
}
