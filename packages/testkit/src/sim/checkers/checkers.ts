// Every checker of the first world.
import type { Anomaly, Checker, HistoryEvent } from "../history.ts";
import { createdTopicKept } from "./created-topic-kept.ts";
import { gaplessReads } from "./gapless-reads.ts";
import { lookupsByTime } from "./lookups-by-time.ts";
import { noAckedRecordLost } from "./no-acked-record-lost.ts";
import { noDuplicateRecord } from "./no-duplicate-record.ts";
import { noReadRecordLost } from "./no-read-record-lost.ts";
import { oneRecordPerOffset } from "./one-record-per-offset.ts";
import { producerOrderKept } from "./producer-order-kept.ts";
import { servesAgain } from "./serves-again.ts";

const checkers: readonly Checker[] = [
  noAckedRecordLost,
  noReadRecordLost,
  oneRecordPerOffset,
  noDuplicateRecord,
  producerOrderKept,
  gaplessReads,
  lookupsByTime,
  createdTopicKept,
  servesAgain,
];

/** Runs every checker over a finished history. */
export function checkHistory(history: readonly HistoryEvent[]): Anomaly[] {
  return checkers.flatMap((checker) => checker(history));
}
