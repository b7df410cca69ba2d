// Every checker of the first world, and which of them hold where.
import type { Anomaly, Checker, HistoryEvent } from "../history.ts";
import { createdTopicKept } from "./created-topic-kept.ts";
import { damageIsTold } from "./damage-is-told.ts";
import { gaplessReads } from "./gapless-reads.ts";
import { lookupsByTime } from "./lookups-by-time.ts";
import { noAckedRecordLost } from "./no-acked-record-lost.ts";
import { noDuplicateRecord } from "./no-duplicate-record.ts";
import { noReadRecordLost } from "./no-read-record-lost.ts";
import { oneRecordPerOffset } from "./one-record-per-offset.ts";
import { producerOrderKept } from "./producer-order-kept.ts";
import { servesAgain } from "./serves-again.ts";

const whatever: readonly Checker[] = [createdTopicKept, servesAgain];

const unlessLost: readonly Checker[] = [
  noAckedRecordLost,
  noReadRecordLost,
  oneRecordPerOffset,
  noDuplicateRecord,
  producerOrderKept,
  gaplessReads,
  lookupsByTime,
  damageIsTold,
];

/**
 * The promises of a run; when acknowledged records may be lost, because the power was cut where nothing was
 * synced, few are left.
 */
export function checkersFor(mayLoseRecords: boolean): readonly Checker[] {
  return mayLoseRecords ? whatever : [...unlessLost, ...whatever];
}

/** Runs every checker over a finished history. */
export function checkHistory(history: readonly HistoryEvent[]): Anomaly[] {
  return checkersFor(false).flatMap((checker) => checker(history));
}
