// A broker's logs in a simulated world, for tests: formats a directory, opens the manager, ends turns,
// crashes and opens again. Not part of the product; nothing outside of tests imports it.
import { type BrokerConfig, defaultLogConfig, type LogConfig } from "@ottla/config";
import {
  createNodeZip,
  type FakeNode,
  FakeWorld,
  NodeCrashed,
  NotedLogger,
  type Ports,
  Slices,
} from "@ottla/ports";
import { batchEnd, buildBatch, type LeaderEpoch, type Offset, readRecords, type Uuid } from "@ottla/protocol";
import type { AppendOptions, AppendOutcome } from "../append/append-outcome.ts";
import { writeMetaProperties } from "../checkpoint/meta-properties.ts";
import { LogManager, type LogManagerOptions } from "../log-manager.ts";
import { LogManagerError } from "../log-manager-error.ts";
import type { PartitionLog } from "../partition-log.ts";
import type { ReadRequest, ReadResult } from "../read/log-slice.ts";

export const CLUSTER_ID = "b3R0bGEtdGVzdC0wMDAwMQ";
export const TOPIC_ID: Uuid = "s4j0XlGpTjyHpOHHUtEJ1A" as Uuid;
export const DIRECTORY = "/data";

/** One node with one log directory. */
export class LogWorld {
  readonly world: FakeWorld;
  readonly logger: NotedLogger = new NotedLogger();
  config: LogConfig;
  #node: FakeNode;
  #manager: LogManager | null = null;
  readonly #directories: readonly string[];
  readonly #journalBytes: number;

  constructor(
    options: {
      seed?: number;
      config?: Partial<LogConfig>;
      startWallMs?: number;
      directories?: readonly string[];
      /** 0: no sync journal. */
      journalBytes?: number;
    } = {},
  ) {
    this.world = new FakeWorld({
      seed: options.seed ?? 1,
      ...(options.startWallMs === undefined ? {} : { startWallMs: options.startWallMs }),
    });
    this.config = defaultLogConfig(options.config);
    this.#directories = options.directories ?? [DIRECTORY];
    this.#journalBytes = options.journalBytes ?? 0;
    this.#node = this.world.node("broker", { zip: createNodeZip() });
    const { ports } = this;
    for (const path of this.#directories) {
      ports.disk.makeDirectory(path);
      writeMetaProperties(ports.disk, path, { clusterId: CLUSTER_ID, nodeId: 1, directoryId: null }, "");
      ports.disk.syncDirectory("/");
    }
  }

  get ports(): Ports {
    return this.#node.ports;
  }

  /** False once the node crashed. */
  get isAlive(): boolean {
    return this.#node.isAlive;
  }

  get manager(): LogManager {
    if (this.#manager === null) throw new Error("the manager is not open");
    return this.#manager;
  }

  /** Opens the manager and waits for it. */
  open(overrides: Partial<LogManagerOptions> = {}, journalBytes: number = this.#journalBytes): LogManager {
    let result: LogManager | LogManagerError | null = null;
    let isRequested = false;
    LogManager.open(
      {
        slices: new Slices(this.#node.ports),
        ports: this.ports,
        config: brokerConfig(this.#directories, journalBytes),
        clusterId: CLUSTER_ID,
        requestTurnEnd: () => {
          if (isRequested) return;
          isRequested = true;
          this.ports.turn.atEnd(() => {
            isRequested = false;
            this.manager.flushDirty();
          });
        },
        logger: this.logger,
        topicConfig: () => this.config,
        ...overrides,
      },
      (opened) => {
        result = opened;
      },
    );
    this.world.run({ until: () => result !== null });
    const opened = result as LogManager | LogManagerError | null;
    if (opened instanceof LogManagerError) throw opened;
    if (opened === null) throw new NodeCrashed("broker");
    this.#manager = opened;
    return opened;
  }

  /** The log of `topic`-0, created when missing; one of another topic id makes room, as in a broker. */
  log(topic: string = "events", topicId: Uuid = TOPIC_ID): PartitionLog {
    const present = this.manager.log(topic, 0);
    if (present !== null && present.topicId !== topicId) this.manager.deleteLog(topic, 0);
    return this.manager.createLog({ topic, topicId, partition: 0, config: this.config });
  }

  /** As `log`, made in slices of the loop; nothing blocks. */
  logInSlices(topic: string = "events", topicId: Uuid = TOPIC_ID): PartitionLog {
    let made: PartitionLog | null = null;
    const where = { topic, topicId, partition: 0, config: this.config };
    new Slices(this.ports).run("making a log", this.manager.createLogInPieces(where), {
      done: (log) => {
        made = log;
      },
    });
    this.world.run({ ms: 60_000, until: () => made !== null });
    if (made === null) throw new Error("the log was not made");
    return made;
  }

  /** Applies retention, and waits for what comes of it. Answers the number of segments deleted. */
  retain(): number {
    let deleted: number | null = null;
    this.manager.deleteOldSegments((count) => {
      deleted = count;
    });
    this.world.run({ until: () => deleted !== null });
    return deleted ?? 0;
  }

  /** Lets everything happen that is under way. */
  settle(): void {
    this.world.run({ ms: 60_000 });
  }

  /** Ends the life of the node and starts the next one; the manager must be opened again. */
  crash(how: "power" | "kill"): void {
    this.world.crash("broker", { how });
    this.restart();
  }

  /** Starts the next life after a crash. */
  restart(): void {
    this.#node = this.world.restart("broker");
    this.#manager = null;
  }

  /** Stops in order. */
  close(): void {
    let isClosed = false;
    this.manager.close(7, () => {
      isClosed = true;
    });
    this.world.run({ until: () => isClosed });
    this.#manager = null;
  }

  /** Stops in order and opens again. */
  closeAndOpen(): LogManager {
    this.close();
    return this.open();
  }

  tick(): void {
    this.world.run({ ms: 1000 });
    this.manager.tick(this.ports.clock.monotonicMs());
  }
}

/** A broker's settings as far as the manager reads them. */
export function brokerConfig(logDirs: readonly string[], syncJournalBytes: number): BrokerConfig {
  const config: Partial<BrokerConfig> = {
    nodeId: 1,
    logDirs,
    syncJournalBytes,
    scrubBytesPerSecond: 1 << 20,
    producerIdExpirationMs: 86_400_000,
    producerIdExpirationCheckIntervalMs: 600_000,
    logRetentionCheckIntervalMs: 300_000,
    logInitialTaskDelayMs: 30_000,
    numRecoveryThreadsPerDataDir: 3,
    logCleanerEnable: true,
    logCleanerThreads: 1,
    logCleanerBackoffMs: 1_000,
    logCleanerDedupeBufferSize: 1 << 20,
    logCleanerIoBufferLoadFactor: 0.9,
    logCleanerIoBufferSize: 1 << 16,
    logCleanerIoMaxBytesPerSecond: Number.MAX_SAFE_INTEGER,
  };
  return config as BrokerConfig;
}

/** A batch of records with the given values. */
export function batchOf(
  values: readonly string[],
  fields: Partial<Parameters<typeof buildBatch>[0]> = {},
): Uint8Array {
  return buildBatch(
    {
      records: values.map((value, index) => ({
        timestamp: 1_735_689_600_000 + index,
        key: null,
        value: new TextEncoder().encode(value),
      })),
      ...fields,
    },
    createNodeZip(),
  );
}

const CLIENT: AppendOptions = { origin: "client", leaderEpoch: 0 as LeaderEpoch };

/** Appends and answers the outcome, which must come before the call returns. */
export function appendNow(
  log: PartitionLog,
  batch: Uint8Array,
  options: AppendOptions = CLIENT,
): AppendOutcome {
  let outcome: AppendOutcome | null = null;
  log.appendAsLeader(batch, options, (given) => {
    outcome = given;
  });
  if (outcome === null) throw new Error("the outcome did not come at once");
  return outcome;
}

/** Reads; runs the world until the answer is there. */
export function readFrom(
  world: LogWorld,
  log: PartitionLog,
  request: Partial<Record<keyof ReadRequest, number | boolean>>,
): ReadResult {
  let result: ReadResult | null = null;
  log.read(
    {
      offset: 0 as Offset,
      bytesMax: 1_000_000,
      atLeastOneBatch: true,
      upperBound: Number.MAX_SAFE_INTEGER as Offset,
      ...request,
    } as ReadRequest,
    (given) => {
      result = given;
    },
  );
  world.world.run({ until: () => result !== null });
  if (result === null) throw new Error("the read was not answered");
  return result;
}

/** The bytes of a slice in one piece; releases it. */
export function takeBytes(result: ReadResult): Uint8Array {
  if (result.kind !== "slice") throw new Error(`the read answered ${result.kind}`);
  const bytes = new Uint8Array(result.slice.bytes);
  let at = 0;
  for (const part of result.slice.parts) {
    bytes.set(part, at);
    at += part.length;
  }
  if (at !== bytes.length) throw new Error(`a slice of ${bytes.length} bytes has parts of ${at}`);
  result.slice.release();
  return bytes;
}

/** All values from `offset` on, as `offset:value`. */
export function valuesFrom(world: LogWorld, log: PartitionLog, offset: number): string[] {
  const values: string[] = [];
  let next = offset;
  for (;;) {
    const result = readFrom(world, log, { offset: next });
    if (result.kind !== "slice") throw new Error(`read at ${next}: ${result.kind}`);
    const bytes = takeBytes(result);
    if (bytes.length === 0) return values;
    for (let at = 0, end: number; (end = batchEnd(bytes, at, bytes.length)) > 0; at = end) {
      for (const record of readRecords(bytes, at, createNodeZip())) {
        next = record.offset + 1;
        if (record.offset >= offset)
          values.push(`${record.offset}:${new TextDecoder().decode(record.value ?? undefined)}`);
      }
    }
  }
}
