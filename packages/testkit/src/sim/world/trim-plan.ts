// How old records of the written topic go in a part of the worlds: compaction, retention, and clients that
// delete them. Plain data, drawn before the run.
import type { TrimRules } from "../checkers/trimmed/trim-rules.ts";
import type { SimDraw } from "./sim-draw.ts";

/** What trims the written topic. */
export interface TrimPlan {
  readonly policy: "compact" | "compact,delete" | "delete";
  /** How many keys records have. */
  readonly keys: number;
  /** Milliseconds a tombstone stays at least. */
  readonly deleteRetentionMs: number;
  /** Milliseconds; -1: for ever. */
  readonly retentionMs: number;
  /** Of a partition; -1: any. */
  readonly retentionBytes: number;
  /** How often a client deletes records. */
  readonly deletions: number;
  /** How long the cleaner has at least before the faults end, and again after the last stop. Milliseconds. */
  readonly lingerMs: number;
  readonly topicConfigs: Readonly<Record<string, string>>;
  readonly brokerSettings: Readonly<Record<string, string>>;
}

/** What the headers of tombstones add to a batch. */
const TOMBSTONES_BYTES = 200;

/** Draws a plan. `segmentBytesMin`: a segment takes the largest batch. */
export function drawTrimPlan(draw: SimDraw, segmentBytesMin: number): TrimPlan {
  const policy = draw.pick<TrimPlan["policy"]>("compact", "compact", "compact,delete", "delete");
  const keepsOld = policy === "compact";
  const deleteRetentionMs = draw.pick(0, 1000, 3000, 10_000, 86_400_000);
  const retentionMs = keepsOld ? -1 : draw.pick(-1, -1, 2000, 6000);
  const retentionBytes = keepsOld ? -1 : draw.pick(-1, -1, 2000, 20_000);
  const lagMs = draw.pick(0, 0, 0, 1500);
  return {
    policy,
    keys: draw.pick(1, 3, 8, 25),
    deleteRetentionMs,
    retentionMs,
    retentionBytes,
    deletions: keepsOld ? 0 : draw.below(8),
    lingerMs: draw.pick(500, 2500, 6000),
    topicConfigs: {
      "cleanup.policy": policy,
      "internal.segment.bytes": String(
        Math.max(draw.pick(700, 1000, 3000, 8000), segmentBytesMin + TOMBSTONES_BYTES),
      ),
      "segment.ms": String(draw.pick(300, 2000, 604_800_000)),
      "min.cleanable.dirty.ratio": String(draw.pick(0.01, 0.2, 0.5)),
      "min.compaction.lag.ms": String(lagMs),
      "max.compaction.lag.ms": draw.pick("9223372036854775807", String(lagMs + 2000)),
      "delete.retention.ms": String(deleteRetentionMs),
      "retention.ms": String(retentionMs),
      "retention.bytes": String(retentionBytes),
      "file.delete.delay.ms": String(draw.pick(0, 300, 60_000)),
    },
    brokerSettings: {
      "log.cleaner.backoff.ms": String(draw.pick(100, 1000)),
      "log.retention.check.interval.ms": String(draw.pick(500, 2000)),
      "log.initial.task.delay.ms": "300",
      "log.cleaner.threads": String(draw.pick(1, 1, 2)),
      "log.cleaner.io.buffer.size": String(draw.pick(4096, 524_288)),
      "log.cleaner.io.max.bytes.per.second": draw.pick("1.7976931348623157E308", "100000"),
    },
  };
}

/** What checkers must know of it. */
export function trimRules(plan: TrimPlan): TrimRules {
  const { policy, keys, deleteRetentionMs, retentionMs, retentionBytes, deletions } = plan;
  return {
    isCompacted: policy !== "delete",
    keys,
    deleteRetentionMs,
    retentionMs,
    hasSizeRetention: retentionBytes >= 0,
    hasDeletions: deletions > 0,
  };
}
