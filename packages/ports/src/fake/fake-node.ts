// A simulated node as the simulation holds it: the ports of its present life, and its storage, which outlives
// that.
import type { ChoreTable } from "../chores.ts";
import type { Crypto } from "../crypto.ts";
import type { Ports } from "../ports.ts";
import { Xoshiro128 } from "../xoshiro.ts";
import type { Zip } from "../zip.ts";
import type { FakeDelays } from "./delays.ts";
import { FakeDisk } from "./disk/fake-disk.ts";
import type { FakeStorage } from "./disk/fake-storage.ts";
import type { FakeLife } from "./fake-life.ts";
import { FakeChores } from "./loop/fake-chores.ts";
import { createFakeClock } from "./loop/fake-clock.ts";
import { createFakeCrypto } from "./loop/fake-crypto.ts";
import { createFakeProcess } from "./loop/fake-process.ts";
import { createFakeTimers } from "./loop/fake-timers.ts";
import { FakeTurn } from "./loop/fake-turn.ts";
import { FakeWatchdog } from "./loop/fake-watchdog.ts";
import { createFakeZip } from "./loop/fake-zip.ts";
import { FakeNetwork } from "./network/fake-network.ts";

/** What a simulation decides about a node. It holds for all lives. */
export interface FakeNodeOptions {
  /** Digests and comparison; must be pure. `createNodeCrypto()` is. */
  readonly crypto?: Crypto;
  /** Codecs; must be pure. `createNodeZip()` is. */
  readonly zip?: Zip;
  /** Chores of a life, bound to its ports. */
  readonly chores?: (ports: Ports) => ChoreTable;
  readonly delays?: Partial<FakeDelays>;
  /** How far the wall clock is off at first. */
  readonly wallOffsetMs?: number;
  readonly openFilesMax?: number;
}

/** A node in one life. After a crash, `restart` of the world gives the next one. */
export interface FakeNode {
  readonly name: string;
  readonly ports: Ports;
  readonly storage: FakeStorage;
  /** False from the crash on. */
  readonly isAlive: boolean;
}

/** A life with its ports. For the world. */
export class LivingNode implements FakeNode {
  readonly ports: Ports;
  readonly network: FakeNetwork;
  readonly life: FakeLife;

  constructor(life: FakeLife, options: FakeNodeOptions) {
    this.life = life;
    this.network = new FakeNetwork(life);
    const random = new Xoshiro128(life.world.random.uint32());
    // The table needs the ports and the ports hold the chores, so the table is filled in last.
    const table = new Map<string, (input: unknown) => unknown>();
    this.ports = {
      clock: createFakeClock(life),
      timers: createFakeTimers(life),
      turn: new FakeTurn(life),
      random,
      crypto: createFakeCrypto(new Xoshiro128(life.world.random.uint32()), options.crypto),
      zip: createFakeZip(life, options.zip),
      chores: new FakeChores(life, table),
      disk: new FakeDisk(life),
      network: this.network,
      process: createFakeProcess(life),
      watchdog: new FakeWatchdog(life),
    };
    for (const [name, chore] of options.chores?.(this.ports) ?? []) table.set(name, chore);
  }

  get name(): string {
    return this.life.host.name;
  }

  get storage(): FakeStorage {
    return this.life.host.storage;
  }

  get isAlive(): boolean {
    return this.life.isAlive;
  }
}
