// Everything a seed decides before its run begins. The options are printed with a failing seed, so they are
// plain data.
import { Xoshiro128 } from "@ottla/ports";

/** A crash of the broker at a call of its disk. */
export interface CrashPlan {
  /** Calls of the disk after the start before. */
  readonly afterCalls: number;
  /** `power`: what is not synced is lost, torn or kept. `kill`: what is written survives. */
  readonly how: "power" | "kill";
}

/**
 * A crash at a call that is worth aiming at: of the metadata log, or one that changes names. It comes after
 * the planned ones.
 */
export interface AimedCrash {
  readonly at: "metadata" | "names";
  readonly afterCalls: number;
  readonly how: "power" | "kill";
}

/** A call of the broker's disk that fails. */
export interface DiskFault {
  readonly operation: "write" | "sync";
  /** Counted among the calls of that operation on log files. */
  readonly afterCalls: number;
}

/** The drawn world. Sizes in bytes. */
export interface SimOptions {
  readonly seed: number;
  readonly durability: "fsync" | "page-cache";
  readonly crashes: readonly CrashPlan[];
  readonly aimedCrash: AimedCrash | null;
  readonly diskFault: DiskFault | null;
  /** How the broker ends before the last phase. */
  readonly lastStop: "power" | "kill" | "clean";
  readonly partitions: number;
  readonly topicConfigs: Readonly<Record<string, string>>;
  readonly extraTopics: number;
  readonly batchesPerProducer: number;
  readonly pauseMsMax: number;
  readonly recordsPerBatchMax: number;
  readonly paddingBytesMax: number;
  readonly largeOneIn: number;
  readonly codecs: readonly number[];
  readonly produceVersions: readonly number[];
  readonly fetchVersions: readonly number[];
  readonly partitionMaxBytes: number;
  readonly fetchMaxBytes: number;
  readonly minBytes: number;
  readonly maxWaitMs: number;
  readonly seekOneIn: number;
  readonly lookupOneIn: number;
  readonly requestTimeoutMs: number;
  readonly resets: number;
  readonly cuts: number;
  readonly pauses: number;
  readonly poolUsMax: number;
  readonly networkUsMax: number;
  readonly restartMsMax: number;
  /** Bytes; -1: no limit. A small one makes tail blocks scarce. */
  readonly memoryLimit: number;
}

const CRASHES_MAX = 6;
const WORK_MS_MIN = 500;

/** Draws the options of a seed. */
export function drawOptions(seed: number): SimOptions {
  const random = new Xoshiro128(seed);
  const chance = (oneIn: number): boolean => random.below(oneIn) === 0;
  const pick = <Item>(...items: readonly Item[]): Item => items[random.below(items.length)] as Item;
  const between = (min: number, max: number): number => min + random.below(max - min + 1);
  const durability = chance(4) ? "page-cache" : "fsync";
  const mayCutPower = durability === "fsync" || chance(4);
  const how = (): "power" | "kill" => (mayCutPower && !chance(4) ? "power" : "kill");
  const callsMax = (): number => pick(2500, 1200, 600, 600, 150, 150, 40);
  const crashes = Array.from({ length: random.below(CRASHES_MAX + 1) }, () => ({
    afterCalls: random.below(callsMax()),
    how: how(),
  }));
  const isLogAppendTime = chance(8);
  const recordsPerBatchMax = pick(1, 3, 8);
  const paddingBytesMax = pick(0, 50, 400, 2000);
  const largeOneIn = chance(3) ? 25 : 0;
  // A segment takes the largest batch.
  const segmentBytesMin = largeOneIn > 0 ? 80_000 : recordsPerBatchMax * (paddingBytesMax + 40) + 200;
  return {
    seed,
    durability,
    crashes,
    diskFault: chance(6) ? { operation: pick("write", "write", "sync"), afterCalls: random.below(80) } : null,
    lastStop: chance(3) ? "clean" : how(),
    partitions: between(3, 4),
    topicConfigs: {
      "internal.segment.bytes": String(Math.max(pick(1_048_576, 3_000, 10_000, 40_000), segmentBytesMin)),
      "segment.ms": String(chance(6) ? 500 : 604_800_000),
      "index.interval.bytes": String(pick(0, 100, 700, 4096)),
      "segment.index.bytes": String(pick(96, 1024, 10_485_760)),
      "compression.type": chance(5) ? pick("gzip", "lz4", "zstd", "snappy", "uncompressed") : "producer",
      "message.timestamp.type": isLogAppendTime ? "LogAppendTime" : "CreateTime",
      "ottla.durability": durability,
    },
    extraTopics: random.below(4),
    batchesPerProducer: between(30, 130),
    pauseMsMax: pick(5, 20, 20, 100, 300),
    recordsPerBatchMax,
    paddingBytesMax,
    largeOneIn,
    codecs: chance(2) ? [0] : [0, between(1, 4), between(1, 4)],
    produceVersions: [between(9, 13), between(9, 13), between(9, 13)],
    fetchVersions: [between(4, 17), between(12, 17)],
    partitionMaxBytes: pick(1, 500, 5000, 1_048_576),
    fetchMaxBytes: pick(2000, 50_000, 10_485_760),
    minBytes: pick(0, 1, 1, 2000),
    maxWaitMs: pick(0, 100, 500, 3000),
    seekOneIn: pick(0, 10, 30),
    lookupOneIn: isLogAppendTime ? 0 : pick(0, 20),
    requestTimeoutMs: pick(1500, 5000, 30_000),
    resets: chance(2) ? random.below(6) : 0,
    cuts: chance(4) ? between(1, 3) : 0,
    pauses: chance(4) ? between(1, 3) : 0,
    poolUsMax: pick(300, 4000, 4000, 4000, 60_000, 400_000),
    networkUsMax: pick(300, 3000, 20_000),
    restartMsMax: pick(10, 500, 3000),
    memoryLimit: pick(-1, -1, 1_600_000),
    aimedCrash: chance(2)
      ? { at: pick("metadata", "names"), afterCalls: random.below(60), how: how() }
      : null,
  };
}

/**
 * Whether records that were acknowledged may be lost: the power was cut where only the page cache held them.
 */
export function mayCutPowerOnPageCache(options: SimOptions): boolean {
  const { durability, crashes, aimedCrash, lastStop, diskFault } = options;
  if (durability === "fsync") return false;
  if (aimedCrash?.how === "power") return true;
  return (
    lastStop === "power" || crashes.some(({ how }) => how === "power") || diskFault?.operation === "sync"
  );
}

/**
 * About how long the producers take for their batches, in milliseconds: when faults are worth their while.
 */
export function workMs({ batchesPerProducer, pauseMsMax }: SimOptions): number {
  return Math.ceil((batchesPerProducer * pauseMsMax) / 2) + WORK_MS_MIN;
}

/** The options in one line. */
export function optionsLine(options: SimOptions): string {
  const { seed, ...rest } = options;
  return `seed ${seedText(seed)} ${JSON.stringify(rest)}`;
}

/** As `--seed` takes it. */
function seedText(seed: number): string {
  return `0x${seed.toString(16).padStart(8, "0")}`;
}
