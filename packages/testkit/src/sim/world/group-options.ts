// Everything a seed decides before its run of the world of groups begins. Plain data, printed with a failing
// seed.
import type { BrokerPlan } from "./broker-plan.ts";
import { SimDraw } from "./sim-draw.ts";

/** A group and what its members have in common. */
export interface GroupPlan {
  readonly name: string;
  readonly isCooperative: boolean;
  readonly sessionMs: number;
  /** The clients' max.poll.interval.ms. */
  readonly rebalanceMs: number;
  readonly heartbeatMs: number;
}

/** A member's process. */
export interface MemberPlan {
  readonly name: string;
  readonly group: number;
  /** Two members may have the same: they fence each other. */
  readonly instanceId: string | null;
  readonly joinVersion: number;
  readonly commitVersion: number;
  readonly commitMode: "sync" | "async";
  readonly commitsBeforeJoin: boolean;
  /** Commits an offset of a topic nobody subscribes to, too. */
  readonly hasSideOffset: boolean;
  readonly startMs: number;
}

/** What befalls members; each happens so often. */
export interface MemberFaults {
  readonly crashes: number;
  readonly leaves: number;
  /** The process stands still for longer than its session, or not. */
  readonly stalls: number;
  /** The application is slow: longer than the rebalance timeout, or not. */
  readonly busyTimes: number;
}

/** The drawn world. */
export interface GroupOptions extends BrokerPlan {
  readonly seed: number;
  readonly groups: readonly GroupPlan[];
  readonly members: readonly MemberPlan[];
  readonly memberFaults: MemberFaults;
  readonly partitions: readonly [one: number, two: number];
  readonly hasGrowth: boolean;
  readonly batchesPerProducer: number;
  readonly pauseMsMax: number;
  readonly readPauseMsMax: number;
  readonly changePauseMsMax: number;
  readonly deleteOneIn: number;
  readonly deleteGroupOneIn: number;
  readonly faultMs: number;
  readonly resets: number;
  readonly cuts: number;
  readonly pauses: number;
  readonly requestTimeoutMs: number;
  /** The topic of offsets is created with small segments; null: by the broker, when somebody asks for it. */
  readonly offsetsSegmentBytes: number | null;
  /** Members and producers are those of package client. */
  readonly usesEngine: boolean;
}

const RETENTION_MINUTES_SHORT = 1;
const RETENTION_MINUTES_LONG = 10_080;
const MINUTE_MS = 60_000;
const MEMBERS_MAX = 20;
const STATIC_COMMIT_VERSION_MIN = 7;

/** Draws the options of a seed. */
export function drawGroupOptions(seed: number): GroupOptions {
  const draw = new SimDraw(seed);
  const how = (): "power" | "kill" => draw.pick("power", "power", "kill");
  const groups = Array.from({ length: draw.between(2, 4) }, (_, index) => drawGroup(draw, index));
  const members = Array.from({ length: draw.pick(MEMBERS_MAX, MEMBERS_MAX, 12, 6) }, (_, index) =>
    drawMember(draw, index, groups.length),
  );
  const faultMs = draw.pick(4000, 8000, 8000, 14_000);
  const jumps = draw.chance(4) ? draw.between(1, 3) : 0;
  const clockJumpsMs = Array.from({ length: jumps }, () =>
    draw.pick(90_000, 61_000, 3_600_000, -3_600_000, -61_000, 30_000),
  );
  const usesEngine = draw.chance(4);
  // A static leader of the engine that comes back goes on with its old assignment, as in Apache Kafka, though
  // a topic may have grown meanwhile.
  const mayGrow = !usesEngine || members.every(({ instanceId }) => instanceId === null);
  const hasGrowth = draw.chance(3) && mayGrow;
  return {
    seed,
    groups,
    members,
    memberFaults: {
      crashes: draw.below(8),
      leaves: draw.below(6),
      stalls: draw.below(9),
      busyTimes: draw.below(5),
    },
    partitions: [draw.between(4, 8), draw.between(2, 4)],
    hasGrowth,
    batchesPerProducer: draw.between(20, 60),
    pauseMsMax: draw.pick(50, 150, 300),
    readPauseMsMax: draw.pick(10, 60, 300),
    changePauseMsMax: draw.pick(60, 300, 1000),
    deleteOneIn: draw.pick(0, 4, 10),
    deleteGroupOneIn: draw.pick(0, 0, 15),
    faultMs,
    resets: draw.chance(2) ? draw.below(8) : 0,
    cuts: draw.chance(4) ? draw.between(1, 3) : 0,
    pauses: draw.chance(4) ? draw.between(1, 2) : 0,
    clockJumpsMs,
    requestTimeoutMs: draw.pick(1500, 5000, 30_000),
    crashes: draw.crashes(how),
    lyingSyncOneIn: 0,
    hasSecondDirectory: false,
    aimedCrashes: draw.aimedCrashes(how, "metadata", "names", "offsets", "offsets"),
    diskFault: draw.chance(6)
      ? { at: "logs", operation: draw.pick("write", "write", "sync"), afterCalls: draw.below(200) }
      : null,
    lastStop: draw.chance(3) ? "clean" : how(),
    poolUsMax: draw.pick(300, 4000, 4000, 60_000),
    networkUsMax: draw.pick(300, 3000, 20_000),
    restartMsMax: draw.pick(10, 500, 3000),
    memoryLimit: -1,
    cleanStops: draw.chance(4) ? draw.between(1, 2) : 0,
    diskFullMs: draw.chance(10) ? draw.between(50, 2000) : 0,
    damage: draw.chance(8) ? { of: "unsynced" } : null,
    usesEngine,
    offsetsSegmentBytes: draw.pick(null, null, 20_000, 4000),
    brokerSettings: {
      "group.min.session.timeout.ms": "500",
      "group.initial.rebalance.delay.ms": String(draw.pick(0, 100, 1000)),
      "offsets.topic.replication.factor": "1",
      "offsets.topic.num.partitions": String(draw.between(1, 4)),
      "offsets.retention.minutes": String(jumps > 0 ? RETENTION_MINUTES_SHORT : RETENTION_MINUTES_LONG),
      "offsets.retention.check.interval.ms": String(draw.pick(100, 1000)),
      ...draw.journalSettings(),
    },
  };
}

/** How long unused offsets are kept, in milliseconds. */
export function retentionMs({ brokerSettings }: GroupOptions): number {
  return Number(brokerSettings["offsets.retention.minutes"]) * MINUTE_MS;
}

/** Whether the clock is sure to have passed the retention when all jumps are done. */
export function surelyExpires(options: GroupOptions): boolean {
  let wallMs = 0;
  for (const jumpMs of options.clockJumpsMs) {
    if (jumpMs < 0) return false;
    wallMs += jumpMs;
  }
  return wallMs >= retentionMs(options);
}

function drawGroup(draw: SimDraw, index: number): GroupPlan {
  const sessionMs = draw.pick(800, 1500, 3000);
  return {
    name: `group-${index}`,
    isCooperative: draw.chance(2),
    sessionMs,
    rebalanceMs: draw.pick(1000, 2500, 6000),
    heartbeatMs: Math.floor(sessionMs / 4),
  };
}

function drawMember(draw: SimDraw, index: number, groups: number): MemberPlan {
  const isStatic = draw.chance(3);
  const isTwin = isStatic && index >= groups && draw.chance(6);
  const group = index % groups;
  return {
    name: `m${index}`,
    group,
    // A twin takes the id of the first member of its group, which may be static itself.
    instanceId: isStatic ? `i${isTwin ? group : index}` : null,
    joinVersion: draw.between(2, 9),
    commitVersion: draw.between(isStatic ? STATIC_COMMIT_VERSION_MIN : 2, 9),
    commitMode: draw.pick("sync", "async"),
    commitsBeforeJoin: draw.chance(2),
    hasSideOffset: draw.chance(4),
    startMs: draw.pick(0, 0, 500, 3000),
  };
}
