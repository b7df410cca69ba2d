// Everything a node may ask of the world outside it, in one bundle. `node/` is the real one, `fake/` the
// seeded one.
import type { Chores } from "./chores.ts";
import type { Clock } from "./clock.ts";
import type { Crypto } from "./crypto.ts";
import type { Disk } from "./disk.ts";
import type { Network } from "./network.ts";
import type { Process } from "./process.ts";
import type { Random } from "./random.ts";
import type { Timers } from "./timers.ts";
import type { Turn } from "./turn.ts";
import type { Watchdog } from "./watchdog.ts";
import type { Zip } from "./zip.ts";

/** The ports of one node. */
export interface Ports {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly turn: Turn;
  readonly random: Random;
  readonly crypto: Crypto;
  readonly zip: Zip;
  readonly chores: Chores;
  readonly disk: Disk;
  readonly network: Network;
  readonly process: Process;
  readonly watchdog: Watchdog;
}
