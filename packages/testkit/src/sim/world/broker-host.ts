// The broker's node in a simulated world: formats its directory once, starts the real broker in each life,
// crashes it where the options say, and starts it again. A broker that refuses to start, or halts for no
// fault of its disk, is a bug.
import type { Broker } from "@ottla/broker";
import {
  createNodeCrypto,
  createNodeZip,
  type FakeDiskCall,
  type FakeDiskVerdict,
  type FakeNode,
  type FakeStorage,
  type FakeWorld,
} from "@ottla/ports";
import { formatNode } from "../../format-node.ts";
import type { AimedCrash, BrokerPlan, CrashPlan, DiskFault, LastStop } from "./broker-plan.ts";
import { damageUnsynced, durableBytes } from "./damage-files.ts";
import { HEALED_NETWORK_US_MAX, HEALED_POOL_US_MAX, SYNC_FAULT_CODE, WRITE_FAULT_CODE } from "./limits.ts";
import { CONTROLLER_PORT_ABOVE, SIM_NODE_ID, startSimBroker } from "./start-sim-broker.ts";

/** What the host tells. */
export interface BrokerHostEvents {
  readonly onNode: (type: "crash" | "start" | "serving" | "fault") => void;
  readonly report: (line: string) => void;
}

export const BROKER_HOST = "broker";
export const BROKER_PORT = 9092;
const CLUSTER_ID = "b3R0bGEtc2ltLWNsdXN0ZQ";
export const DIRECTORY = "/var/data";
export const SECOND_DIRECTORY = "/var/more";
const METADATA_LOG = "__cluster_metadata";
const SYNC_JOURNAL = "sync_journal";
const OFFSETS_LOG = "__consumer_offsets";
const LOG_SUFFIX = ".log";
const MOVE_PATH = /-future|-delete|\.ottla_replaces/;
const CLEANER_SUFFIXES: readonly string[] = [".cleaned", ".swap", ".deleted"];
const DISK_BYTES: number = 2 ** 40;
const DISK_LEFT_BYTES_MAX = 3000;
const NAME_OPERATIONS: readonly string[] = ["rename", "syncDirectory", "makeDirectory", "remove"];

/** The broker and what happens to it. */
export class BrokerHost {
  readonly #world: FakeWorld;
  readonly #plan: BrokerPlan;
  readonly #events: BrokerHostEvents;
  #node: FakeNode;
  #running: Broker | null = null;
  #isRestartDue = false;
  #isFaulty = true;
  #crashesDone = 0;
  #callsSinceStart = 0;
  #faultCalls = 0;
  #isFaultDone = false;
  /** The disk is full, or was in this life. */
  #hasBeenFull = false;
  /** The drawn fault happened in this life. */
  #hasFailed = false;
  readonly #aims: { readonly crash: AimedCrash; calls: number; isDone: boolean }[];
  #startCount = 0;
  #haltCount = 0;
  #durable: ReadonlyMap<string, number> = new Map();
  /** Called when the broker is down for the next time, before it starts again. */
  whileDown: (() => void) | null = null;

  constructor(world: FakeWorld, plan: BrokerPlan, events: BrokerHostEvents) {
    this.#world = world;
    this.#plan = plan;
    this.#events = events;
    this.#aims = plan.aimedCrashes.map((crash) => ({ crash, calls: 0, isDone: false }));
    const { poolUsMax, networkUsMax } = plan;
    this.#node = world.node(BROKER_HOST, {
      crypto: createNodeCrypto(),
      zip: createNodeZip(),
      delays: { poolUs: { min: 20, max: poolUsMax }, networkUs: { min: 20, max: networkUsMax } },
    });
    formatNode(this.#node.ports, {
      clusterId: CLUSTER_ID,
      nodeId: SIM_NODE_ID,
      directory: DIRECTORY,
      moreDirectories: this.#directories.slice(1),
      host: BROKER_HOST,
      controllerPort: BROKER_PORT + CONTROLLER_PORT_ABOVE,
    });
    this.#node.storage.onCall = (call) => this.#judge(call);
    this.#start();
  }

  get #directories(): readonly string[] {
    return this.#plan.hasSecondDirectory ? [DIRECTORY, SECOND_DIRECTORY] : [DIRECTORY];
  }

  get isServing(): boolean {
    return this.#running !== null && this.#node.isAlive;
  }

  get startCount(): number {
    return this.#startCount;
  }

  /** To be called between events: notices a death and plans the next start. */
  watch(): void {
    if (this.#node.isAlive || this.#isRestartDue) return;
    this.#isRestartDue = true;
    this.#running = null;
    this.#events.onNode("crash");
    const halt = this.#world.halts[this.#haltCount];
    if (halt !== undefined) {
      this.#haltCount = this.#world.halts.length;
      if (!this.#isFaultDone) throw new Error(`the broker halted: ${halt.reason}`);
    }
    if (this.#plan.damage?.of === "unsynced") this.#damageUnsynced();
    const delayMs = this.#world.random.below(this.#plan.restartMsMax) + 1;
    this.#world.schedule(delayMs, () => this.#restart());
  }

  /** For damage. */
  get storage(): FakeStorage {
    return this.#node.storage;
  }

  /** The disk takes a few more bytes and then none, for some time. */
  fillDisk(ms: number): void {
    const { storage } = this.#node;
    const { random } = this.#world;
    storage.bytesMax = storage.usedBytes() + random.below(DISK_LEFT_BYTES_MAX);
    this.#hasBeenFull = true;
    this.#isFaultDone = true;
    this.#events.onNode("fault");
    this.#events.report(`the disk is full for ${ms} ms`);
    this.#world.schedule(ms, () => this.#emptyDisk());
  }

  /** No more faults from here on, and a disk of usual speed and size, and a usual network. */
  heal(): void {
    this.#isFaulty = false;
    this.#emptyDisk();
    const { delays } = this.#world.host(BROKER_HOST);
    const { poolUs, networkUs } = delays;
    delays.poolUs = { min: poolUs.min, max: Math.min(poolUs.max, HEALED_POOL_US_MAX) };
    delays.networkUs = { min: networkUs.min, max: Math.min(networkUs.max, HEALED_NETWORK_US_MAX) };
  }

  /** Ends the present life. */
  stop(how: LastStop): void {
    if (!this.#node.isAlive) return;
    this.#events.report(`last stop: ${how}`);
    if (how !== "clean" || this.#running === null) {
      this.#noteDurable();
      this.#world.crash(BROKER_HOST, { how: how === "clean" ? "kill" : how });
      return;
    }
    // What was stopped cleanly outlives even a power cut; a log that had failed was not.
    this.#running.close(() => this.#world.crash(BROKER_HOST, { how: this.#isFaultDone ? "kill" : "power" }));
  }

  #emptyDisk(): void {
    this.#node.storage.bytesMax = DISK_BYTES;
  }

  #restart(): void {
    this.#isRestartDue = false;
    const { whileDown } = this;
    this.whileDown = null;
    whileDown?.();
    this.#node = this.#world.restart(BROKER_HOST);
    this.#start();
  }

  #start(): void {
    this.#startCount++;
    this.#hasBeenFull = this.#node.storage.bytesMax < DISK_BYTES;
    this.#hasFailed = false;
    this.#callsSinceStart = 0;
    this.#events.onNode("start");
    // The call that starts is an event of the node's life: a crash in it throws through.
    const { ports } = this.#node;
    ports.timers.set(0, () => {
      startSimBroker({
        ports,
        directories: this.#directories,
        host: BROKER_HOST,
        port: BROKER_PORT,
        memoryLimit: this.#plan.memoryLimit,
        settings: this.#plan.brokerSettings,
        report: this.#events.report,
        onServing: (broker) => {
          this.#running = broker;
          this.#events.onNode("serving");
        },
        onRefused: (reason) => {
          if (!this.#hasBeenFull && !this.#hasFailed)
            throw new Error(`the broker refused to start: ${reason}`);
          // Whoever keeps the process running starts it again, until there is room or the disk is well.
          this.#events.report(`refused to start: ${reason}`);
          this.#world.crash(BROKER_HOST, { how: "kill" });
        },
      });
    });
  }

  #judge(call: FakeDiskCall): FakeDiskVerdict {
    if (!this.#isFaulty) return "go";
    const plan = this.#plan.crashes[this.#crashesDone];
    if (plan !== undefined && this.#callsSinceStart++ >= plan.afterCalls) {
      this.#crashesDone++;
      return this.#end(call, plan.how);
    }
    const aimed = this.#aimedAt(call);
    if (aimed !== null) return this.#end(call, aimed.how);
    return this.#faultAt(call) ?? this.#lieAt(call) ?? "go";
  }

  #end(call: FakeDiskCall, how: CrashPlan["how"]): FakeDiskVerdict {
    this.#events.report(`${how} at call ${call.index}: ${call.operation} ${call.phase} ${call.path}`);
    this.#noteDurable();
    return how === "power" ? "crash" : "kill";
  }

  #noteDurable(): void {
    if (this.#plan.damage?.of === "unsynced") this.#durable = durableBytes(this.#node.storage, DIRECTORY);
  }

  #damageUnsynced(): void {
    const path = damageUnsynced(this.#node.storage, this.#world.random, this.#durable);
    this.#durable = new Map();
    if (path !== null) this.#events.report(`a bit of ${path} is wrong`);
  }

  #aimedAt({ operation, path }: FakeDiskCall): AimedCrash | null {
    for (const aim of this.#aims) {
      const { crash, isDone } = aim;
      // The files of cleanings and moves are looked at in a start, too.
      if (isDone || !(this.isServing || crash.at === "cleaner" || crash.at === "move")) continue;
      if (!isTarget(crash.at, operation, path) || aim.calls++ < crash.afterCalls) continue;
      aim.isDone = true;
      return crash;
    }
    return null;
  }

  #faultAt({ operation, path, phase }: FakeDiskCall): FakeDiskVerdict | null {
    const { diskFault } = this.#plan;
    if (diskFault === null || this.#isFaultDone || operation !== diskFault.operation) return null;
    if (!isFaultyPath(diskFault.at, operation, path)) return null;
    // A sync has two phases, and fails in its effect.
    if (operation === "sync" && phase === "call" && diskFault.at === "logs") return null;
    if (this.#faultCalls++ < diskFault.afterCalls) return null;
    this.#isFaultDone = true;
    this.#hasFailed = true;
    this.#events.onNode("fault");
    this.#events.report(`${operation} of ${path} fails`);
    return { code: operation === "write" ? WRITE_FAULT_CODE : SYNC_FAULT_CODE };
  }

  #lieAt({ operation, path }: FakeDiskCall): FakeDiskVerdict | null {
    const { lyingSyncOneIn } = this.#plan;
    if (lyingSyncOneIn === 0 || operation !== "sync") return null;
    if (!path.endsWith(LOG_SUFFIX) || path.includes(METADATA_LOG)) return null;
    return this.#world.random.below(lyingSyncOneIn) === 0 ? "lie" : null;
  }
}

function isFaultyPath(at: DiskFault["at"], operation: string, path: string): boolean {
  switch (at) {
    case "cleaner":
      return isOfCleaner(path) || (operation === "syncDirectory" && /-\d+$/.test(path));
    case "metadata":
      return path.includes(METADATA_LOG) && path.endsWith(LOG_SUFFIX);
    case "logs":
      if (operation === "sync" && path.endsWith(SYNC_JOURNAL)) return true;
      return path.endsWith(LOG_SUFFIX) && !path.includes(METADATA_LOG);
  }
}

function isOfCleaner(path: string): boolean {
  return CLEANER_SUFFIXES.some((suffix) => path.endsWith(suffix));
}

function isTarget(at: AimedCrash["at"], operation: string, path: string): boolean {
  switch (at) {
    case "metadata":
      return path.includes(METADATA_LOG);
    case "offsets":
      return path.includes(OFFSETS_LOG);
    case "cleaner":
      return isOfCleaner(path);
    case "move":
      return MOVE_PATH.test(path) || (NAME_OPERATIONS.includes(operation) && !path.includes(METADATA_LOG));
    case "names":
      return NAME_OPERATIONS.includes(operation);
  }
}
