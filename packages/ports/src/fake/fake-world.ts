// A seeded world in virtual time: nodes, their disks, the network between them, and one queue of everything
// that will happen. Nothing here waits: time passes only from event to event. The same seed and the same
// calls give the same events, told by `eventHash`. Code of a node that throws ends the run: that is a bug,
// save for `NodeCrashed`, which a crash throws into it.
import { Xoshiro128 } from "../xoshiro.ts";
import { FakeStorage } from "./disk/fake-storage.ts";
import { EventHash } from "./event-hash.ts";
import { EventQueue, type FakeEvent } from "./event-queue.ts";
import { type FakeHost, FakeLife, NodeCrashed } from "./fake-life.ts";
import { type FakeNode, type FakeNodeOptions, LivingNode } from "./fake-node.ts";
import { DELAYS_DEFAULT } from "./limits.ts";
import { Fabric } from "./network/fabric.ts";
import type { FakeNetwork } from "./network/fake-network.ts";

/** How a world begins. */
export interface FakeWorldOptions {
  readonly seed: number;
  /** Wall time at the start. Default: 2025-01-01 UTC. */
  readonly startWallMs?: number;
  /**
   * Called in place of each event of a node, to run it and to look at how: what a step of its loop costs,
   * say.
   */
  readonly around?: (node: string, kind: string, run: () => void) => void;
}

/**
 * `power`: what is not synced is lost, torn or kept, as drawn. `kill`: only the process dies, what is written
 * survives.
 */
export interface FakeCrash {
  readonly how: "power" | "kill";
}

/** A node that ended itself. */
export interface FakeHalt {
  readonly node: string;
  readonly exitCode: number;
  readonly reason: string;
}

/**
 * When a run ends: at a time, after a number of events, or when something holds; and always when nothing is
 * left to happen.
 */
export interface RunLimit {
  readonly ms?: number;
  readonly events?: number;
  readonly until?: () => boolean;
}

/** Why a run ended. */
export type RunEnd = "idle" | "time" | "events" | "until";

interface Inhabitant {
  readonly host: FakeHost;
  readonly options: FakeNodeOptions;
  node: LivingNode;
  lives: number;
}

/** 2025-01-01 UTC. */
const START_WALL_MS = 1_735_689_600_000;
const OPEN_FILES_MAX = 1024;
const EVENT_ORDERS = 2 ** 16;

/** A simulated world. */
export class FakeWorld {
  readonly seed: number;
  readonly startWallMs: number;
  /** Draws everything; the simulation may draw from it too. */
  readonly random: Xoshiro128;
  readonly fabric: Fabric;
  readonly #queue = new EventQueue();
  readonly #hash = new EventHash();
  readonly #inhabitants = new Map<string, Inhabitant>();
  readonly #halts: FakeHalt[] = [];
  readonly #around: FakeWorldOptions["around"];
  #nowUs = 0;
  #eventCount = 0;

  constructor(options: FakeWorldOptions) {
    this.seed = options.seed;
    this.startWallMs = options.startWallMs ?? START_WALL_MS;
    this.#around = options.around;
    this.random = new Xoshiro128(options.seed);
    this.fabric = new Fabric(this);
  }

  get nowUs(): number {
    return this.#nowUs;
  }

  /** Virtual time since the start. */
  get nowMs(): number {
    return this.#nowUs / 1000;
  }

  /** Hash of all events so far: kind, node, time. */
  get eventHash(): string {
    return this.#hash.toString();
  }

  get eventCount(): number {
    return this.#eventCount;
  }

  /** Nodes that halted, in order. */
  get halts(): readonly FakeHalt[] {
    return this.#halts;
  }

  /** Adds a node and starts its first life. */
  node(name: string, options: FakeNodeOptions = {}): FakeNode {
    if (this.#inhabitants.has(name)) throw new Error(`there is a node ${name} already`);
    const number = this.#inhabitants.size + 1;
    const host: FakeHost = {
      name,
      address: `10.0.${number >> 8}.${number & 255}`,
      storage: new FakeStorage(),
      delays: { ...DELAYS_DEFAULT, ...options.delays },
      wallOffsetMs: options.wallOffsetMs ?? 0,
      pausedUntilUs: 0,
      isPoweredOff: false,
      openFilesMax: options.openFilesMax ?? OPEN_FILES_MAX,
    };
    const node = new LivingNode(new FakeLife(this, host, 1), options);
    this.#inhabitants.set(name, { host, options, node, lives: 1 });
    return node;
  }

  /**
   * Ends the node's life at once. Inside a call of the node itself, the caller throws `NodeCrashed`
   * afterwards.
   */
  crash(name: string, { how }: FakeCrash = { how: "power" }): void {
    const { host, node } = this.#inhabitant(name);
    if (!node.isAlive) return;
    this.note(`crash-${how}`, name, this.#nowUs);
    node.life.finish();
    host.pausedUntilUs = 0;
    const { networkUs, resetUs } = host.delays;
    this.fabric.lifeEnded(node.life, () => node.life.drawUs(how === "power" ? resetUs : networkUs));
    if (how === "power") {
      host.isPoweredOff = true;
      host.storage.losePower(this.random);
    } else {
      host.storage.locks.clear();
    }
  }

  /** Starts the next life of a crashed node on what its storage kept. */
  restart(name: string): FakeNode {
    const inhabitant = this.#inhabitant(name);
    if (inhabitant.node.isAlive) throw new Error(`${name} is alive`);
    this.note("restart", name, this.#nowUs);
    inhabitant.lives++;
    inhabitant.host.isPoweredOff = false;
    const life = new FakeLife(this, inhabitant.host, inhabitant.lives);
    inhabitant.node = new LivingNode(life, inhabitant.options);
    return inhabitant.node;
  }

  /** The lasting side of a node: delays, wall clock, storage. */
  host(name: string): FakeHost {
    return this.#inhabitant(name).host;
  }

  /** Stops the node's process for a time, as SIGSTOP does; its events wait in order. */
  pause(name: string, ms: number): void {
    this.host(name).pausedUntilUs = this.#nowUs + Math.ceil(ms * 1000);
  }

  /** Sets the node's wall clock forward, or back. */
  jumpWall(name: string, deltaMs: number): void {
    this.host(name).wallOffsetMs += deltaMs;
  }

  /** Holds back everything sent from one node to another. */
  partition(from: string, to: string): void {
    this.fabric.cut(from, to);
  }

  heal(from: string, to: string): void {
    this.fabric.heal(from, to);
  }

  healAll(): void {
    this.fabric.healAll();
  }

  /** Resets all connections between two nodes. */
  resetConnections(one: string, other: string): void {
    this.fabric.reset(one, other);
  }

  /** An event of the simulation itself. */
  schedule(delayMs: number, run: () => void): void {
    this.scheduleEvent("world", null, Math.ceil(delayMs * 1000), run);
  }

  /** Mixes something into the event hash. */
  note(kind: string, name: string, value: number): void {
    this.#hash.add(kind, name, value);
  }

  /** Lets events happen. With `until`, it is asked before the first event and after each. */
  run(limit: RunLimit): RunEnd {
    const deadlineUs = this.#deadlineUs(limit);
    for (let events = 0; ; events++) {
      const end = this.#endOf(limit, deadlineUs, events);
      if (end !== null) return end;
      this.#step();
    }
  }

  /**
   * As `run`, for code that awaits: `settle` resolves when all promise reactions have run (`settlePromises`).
   * It is told whose event came last, null for the world's own; a node whose code never awaits needs no wait.
   */
  async runSettled(limit: RunLimit, settle: (node: string | null) => Promise<void> | null): Promise<RunEnd> {
    const deadlineUs = this.#deadlineUs(limit);
    let node: string | null = null;
    for (let events = 0; ; events++) {
      const settled = settle(node);
      if (settled !== null) await settled;
      const end = this.#endOf(limit, deadlineUs, events);
      if (end !== null) return end;
      node = this.#step();
    }
  }

  /** For ports: puts an event of a life, or of the world, into the future. */
  scheduleEvent(kind: string, life: FakeLife | null, delayUs: number, run: () => void): FakeEvent {
    const event: FakeEvent = {
      kind,
      life,
      dueUs: this.#nowUs + delayUs,
      order: this.random.below(EVENT_ORDERS),
      sequence: 0,
      isCancelled: life !== null && !life.isAlive,
      run,
    };
    if (!event.isCancelled) this.#queue.push(event);
    return event;
  }

  /** For ports: the node at a name or address, as seen from `from`. */
  resolve(host: string, from: FakeHost): FakeHost | null {
    if (host === "localhost" || host === "127.0.0.1" || host === "::1") return from;
    const named = this.#inhabitants.get(host);
    if (named !== undefined) return named.host;
    for (const { host: found } of this.#inhabitants.values()) if (found.address === host) return found;
    return null;
  }

  /** For ports: the network of the host's present life. */
  networkOf(host: FakeHost): FakeNetwork | null {
    const { node } = this.#inhabitant(host.name);
    return node.isAlive ? node.network : null;
  }

  /** For ports: the host's wall clock. */
  wallMsOf(host: FakeHost): number {
    return Math.floor(this.startWallMs + this.#nowUs / 1000 + host.wallOffsetMs);
  }

  /** For ports: a node ended itself. */
  noteHalt(halt: FakeHalt): void {
    this.#halts.push(halt);
  }

  #deadlineUs(limit: RunLimit): number {
    return limit.ms === undefined ? Number.POSITIVE_INFINITY : this.#nowUs + Math.ceil(limit.ms * 1000);
  }

  #endOf(limit: RunLimit, deadlineUs: number, events: number): RunEnd | null {
    if (limit.until?.() === true) return "until";
    if (limit.events !== undefined && events >= limit.events) return "events";
    const next = this.#queue.peek();
    if (next !== undefined && next.dueUs <= deadlineUs) return null;
    if (Number.isFinite(deadlineUs)) this.#nowUs = deadlineUs;
    return next === undefined ? "idle" : "time";
  }

  /** Whose event it was. */
  #step(): string | null {
    const event = this.#queue.pop();
    if (event === undefined) return null;
    this.#nowUs = Math.max(this.#nowUs, event.dueUs);
    const { life } = event;
    const node = life?.host.name ?? null;
    if (event.isCancelled || (life !== null && !life.isAlive)) return node;
    if (life !== null && life.host.pausedUntilUs > this.#nowUs) {
      // Waiting events of a stopped process keep their order among themselves.
      event.dueUs = life.host.pausedUntilUs;
      event.order = 0;
      this.#queue.push(event);
      return node;
    }
    this.#eventCount++;
    this.#hash.add(event.kind, node ?? "", this.#nowUs);
    try {
      if (this.#around === undefined || life === null) event.run();
      else this.#around(life.host.name, event.kind, event.run);
    } catch (error) {
      if (!(error instanceof NodeCrashed)) throw error;
    }
    return node;
  }

  #inhabitant(name: string): Inhabitant {
    const inhabitant = this.#inhabitants.get(name);
    if (inhabitant === undefined) throw new Error(`there is no node ${name}`);
    return inhabitant;
  }
}
