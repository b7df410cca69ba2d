// Everything a seed decides before its run begins. The options are printed with a failing seed, so they are
// plain data.
import type { BrokerPlan, CrashPlan, Damage } from "./broker-plan.ts";
import { SimDraw } from "./sim-draw.ts";
import { drawTrimPlan, type TrimPlan } from "./trim-plan.ts";

/** The drawn world. Sizes in bytes. */
export interface SimOptions extends BrokerPlan {
  readonly seed: number;
  readonly durability: "fsync" | "page-cache";
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
  /** Producers are those of package client. */
  readonly usesEngine: boolean;
  /** Null: nothing of the topic that is written to ever goes. */
  readonly trim: TrimPlan | null;
  /** How often a client moves a replica to the other log directory. */
  readonly moves: number;
}

const WORK_MS_MIN = 500;
const MOVES_ONE_IN = 4;

type How = () => CrashPlan["how"];

/** Draws the options of a seed. */
export function drawOptions(seed: number): SimOptions {
  const draw = new SimDraw(seed);
  const durability = draw.chance(4) ? "page-cache" : "fsync";
  const mayCutPower = durability === "fsync" || draw.chance(4);
  const how = (): "power" | "kill" => (mayCutPower && !draw.chance(4) ? "power" : "kill");
  const crashes = draw.crashes(how);
  const isLogAppendTime = draw.chance(8);
  const recordsPerBatchMax = draw.pick(1, 3, 8);
  const paddingBytesMax = draw.pick(0, 50, 400, 2000);
  const largeOneIn = draw.chance(3) ? 25 : 0;
  // A segment takes the largest batch.
  const segmentBytesMin = largeOneIn > 0 ? 80_000 : recordsPerBatchMax * (paddingBytesMax + 40) + 200;
  const drawn: Drawn = {
    seed,
    durability,
    crashes,
    diskFault: draw.chance(6)
      ? { at: "logs", operation: draw.pick("write", "write", "sync"), afterCalls: draw.below(80) }
      : null,
    lastStop: draw.chance(3) ? "clean" : how(),
    partitions: draw.between(3, 4),
    topicConfigs: {
      "internal.segment.bytes": String(
        Math.max(draw.pick(1_048_576, 3_000, 10_000, 40_000), segmentBytesMin),
      ),
      "segment.ms": String(draw.chance(6) ? 500 : 604_800_000),
      "index.interval.bytes": String(draw.pick(0, 100, 700, 4096)),
      "segment.index.bytes": String(draw.pick(96, 1024, 10_485_760)),
      "compression.type": draw.chance(5)
        ? draw.pick("gzip", "lz4", "zstd", "snappy", "uncompressed")
        : "producer",
      "message.timestamp.type": isLogAppendTime ? "LogAppendTime" : "CreateTime",
      "ottla.durability": durability,
    },
    extraTopics: draw.below(4),
    batchesPerProducer: draw.between(30, 130),
    pauseMsMax: draw.pick(5, 20, 20, 100, 300),
    recordsPerBatchMax,
    paddingBytesMax,
    largeOneIn,
    codecs: draw.chance(2) ? [0] : [0, draw.between(1, 4), draw.between(1, 4)],
    produceVersions: [draw.between(9, 13), draw.between(9, 13), draw.between(9, 13)],
    fetchVersions: [draw.between(4, 17), draw.between(12, 17)],
    partitionMaxBytes: draw.pick(1, 500, 5000, 1_048_576),
    fetchMaxBytes: draw.pick(2000, 50_000, 10_485_760),
    minBytes: draw.pick(0, 1, 1, 2000),
    maxWaitMs: draw.pick(0, 100, 500, 3000),
    seekOneIn: draw.pick(0, 10, 30),
    lookupOneIn: isLogAppendTime ? 0 : draw.pick(0, 20),
    requestTimeoutMs: draw.pick(1500, 5000, 30_000),
    resets: draw.chance(2) ? draw.below(6) : 0,
    cuts: draw.chance(4) ? draw.between(1, 3) : 0,
    pauses: draw.chance(4) ? draw.between(1, 3) : 0,
    poolUsMax: draw.pick(300, 4000, 4000, 4000, 60_000, 400_000),
    networkUsMax: draw.pick(300, 3000, 20_000),
    restartMsMax: draw.pick(10, 500, 3000),
    memoryLimit: draw.pick(-1, -1, 1_600_000),
    aimedCrashes: draw.aimedCrashes(how, "metadata", "names"),
    ...drawTroubles(draw, durability),
    // Producers are forgotten by the wall clock, as in Apache Kafka.
    brokerSettings: { "producer.id.expiration.ms": String(2 ** 31 - 1), ...draw.journalSettings() },
  };
  const widened = { ...drawn, ...drawWidening(draw, drawn, segmentBytesMin, how) };
  return { ...widened, ...drawMoves(draw, widened, how) };
}

type Drawn = Omit<SimOptions, "trim" | "lyingSyncOneIn" | "moves" | "hasSecondDirectory">;

/** What was added to the world later, and is drawn last so that older seeds keep their meaning. */
function drawWidening(
  draw: SimDraw,
  drawn: Drawn,
  segmentBytesMin: number,
  how: () => CrashPlan["how"],
): Partial<SimOptions> & Pick<SimOptions, "trim" | "lyingSyncOneIn"> {
  const trim = draw.chance(3) ? drawTrimPlan(draw, segmentBytesMin) : null;
  const crashes = draw.cleanerCrashes(how);
  const lies = draw.chance(14);
  const fault = draw.wideFault();
  const widened = {
    trim,
    lyingSyncOneIn: lies ? draw.pick(1, 4, 30) : 0,
    ...(lies ? { usesEngine: false } : {}),
    // A disk fails once, and where nothing is compacted no cleaner meets it.
    ...(drawn.diskFault === null && (trim !== null || fault?.at !== "cleaner") ? { diskFault: fault } : {}),
  };
  if (trim === null) return widened;
  return {
    ...widened,
    aimedCrashes: [...drawn.aimedCrashes, ...crashes],
    // Tombstones and old records go by the wall clock.
    clockJumpsMs: [],
    pauseMsMax: Math.max(drawn.pauseMsMax, 20),
    topicConfigs: { ...drawn.topicConfigs, ...trim.topicConfigs },
    brokerSettings: { ...drawn.brokerSettings, ...trim.brokerSettings },
  };
}

type Moves = Pick<SimOptions, "moves" | "hasSecondDirectory"> & Partial<SimOptions>;

/** Replicas that move between two log directories, with crashes at the renames of that. */
function drawMoves(draw: SimDraw, drawn: Omit<SimOptions, "moves" | "hasSecondDirectory">, how: How): Moves {
  const moves = draw.chance(MOVES_ONE_IN) ? draw.between(3, 14) : 0;
  if (moves === 0) return { moves, hasSecondDirectory: false };
  const { damage, diskFault, aimedCrashes } = drawn;
  return {
    moves,
    hasSecondDirectory: true,
    aimedCrashes: [...aimedCrashes, ...draw.moveCrashes(how)],
    // Damage is done to the first directory alone, where a replica may be another's leftover.
    damage: damage?.of === "synced" ? null : damage,
    // A node goes on without one of two directories, and nobody brings that one back.
    diskFault: diskFault?.at === "logs" && diskFault.operation === "write" ? diskFault : null,
  };
}

const DAY_MS = 86_400_000;

type Troubles = Pick<SimOptions, "usesEngine" | "cleanStops" | "damage" | "diskFullMs" | "clockJumpsMs">;

function drawTroubles(draw: SimDraw, durability: SimOptions["durability"]): Troubles {
  const jumps = draw.chance(5) ? draw.between(1, 3) : 0;
  const of = draw.pick<Damage["of"]>("unsynced", "unsynced", "synced", "synced", "caches");
  // Damage below a recovery point is told; where nothing is synced, that point says little.
  const damage = draw.chance(4) && durability === "fsync" ? { of } : null;
  return {
    cleanStops: draw.chance(4) ? draw.between(1, 2) : 0,
    damage,
    diskFullMs: draw.chance(8) ? draw.between(50, 3000) : 0,
    clockJumpsMs: Array.from({ length: jumps }, () =>
      draw.pick(90_000, 3_600_000, 20 * DAY_MS, -90_000, -3_600_000, -20 * DAY_MS),
    ),
    usesEngine: draw.chance(4) && durability === "fsync",
  };
}

/** Where clocks jump, no record is too old or too new. */
const ANY_TIME: Readonly<Record<string, string>> = {
  "message.timestamp.after.max.ms": "9223372036854775807",
  "retention.ms": "-1",
};

/** The settings of the topic that is written to. */
export function mainTopicConfigs({ topicConfigs, clockJumpsMs }: SimOptions): Map<string, string> {
  return new Map(Object.entries({ ...topicConfigs, ...(clockJumpsMs.length > 0 ? ANY_TIME : {}) }));
}

/**
 * Whether records that were acknowledged may be lost: the power was cut where only the page cache held them,
 * or the disk says that it has what it has not.
 */
export function mayLoseRecords(options: SimOptions): boolean {
  const { durability, crashes, aimedCrashes, lastStop, diskFault, lyingSyncOneIn } = options;
  if (lyingSyncOneIn > 0) return true;
  if (durability === "fsync") return false;
  const cutsPower = lastStop === "power" || [...crashes, ...aimedCrashes].some(({ how }) => how === "power");
  return cutsPower || diskFault?.operation === "sync";
}

/**
 * About how long the producers take for their batches, in milliseconds: when faults are worth their while.
 */
export function workMs({ batchesPerProducer, pauseMsMax }: SimOptions): number {
  return Math.ceil((batchesPerProducer * pauseMsMax) / 2) + WORK_MS_MIN;
}
