// One life of a simulated node, from its start to its crash. All its events, connections and open files
// belong to it and end with it. The host (name, storage, wall clock) outlives it.
import { type DelayRange, drawDelayUs, type FakeDelays } from "./delays.ts";
import type { FakeStorage } from "./disk/fake-storage.ts";
import type { FakeEvent } from "./event-queue.ts";
import type { FakeWorld } from "./fake-world.ts";

/**
 * Thrown out of a call into the ports of a node that has just crashed, or crashed before. The world swallows
 * it.
 */
export class NodeCrashed extends Error {
  override readonly name: string = "NodeCrashed";
  readonly node: string;
  constructor(node: string) {
    super(`${node} has crashed`);
    this.node = node;
  }
}

/** What stays of a node between its lives. */
export interface FakeHost {
  readonly name: string;
  /** Its address in the simulated network. */
  readonly address: string;
  readonly storage: FakeStorage;
  readonly delays: FakeDelays;
  /** How far its wall clock is off. */
  wallOffsetMs: number;
  /** Until then its process is stopped: nothing of it runs. */
  pausedUntilUs: number;
  /** Whether the machine answers when no process runs. */
  isPoweredOff: boolean;
  openFilesMax: number;
}

/** One life. */
export class FakeLife {
  readonly world: FakeWorld;
  readonly host: FakeHost;
  /** Counts a host's lives from 1. */
  readonly number: number;
  #isAlive = true;

  constructor(world: FakeWorld, host: FakeHost, number: number) {
    this.world = world;
    this.host = host;
    this.number = number;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Marks the end. The world does the rest. */
  finish(): void {
    this.#isAlive = false;
  }

  assertAlive(): void {
    if (!this.#isAlive) throw new NodeCrashed(this.host.name);
  }

  drawUs(range: DelayRange): number {
    return drawDelayUs(this.world.random, range);
  }

  /** Lets `run` happen in this life, unless it is over by then. */
  schedule(kind: string, delayUs: number, run: () => void): FakeEvent {
    return this.world.scheduleEvent(kind, this, delayUs, run);
  }
}
