// Every checker of the first world, and which of them hold where.
import type { Anomaly, Checker, HistoryEvent } from "../history.ts";
import { createdTopicKept } from "./created-topic-kept.ts";
import { damageIsTold } from "./damage-is-told.ts";
import { gaplessReads } from "./gapless-reads.ts";
import { lookupsByTime } from "./lookups-by-time.ts";
import { noAckedRecordLost } from "./no-acked-record-lost.ts";
import { noDuplicateRecord } from "./no-duplicate-record.ts";
import { noReadRecordLost } from "./no-read-record-lost.ts";
import { nothingInvented } from "./nothing-invented.ts";
import { oneRecordPerOffset } from "./one-record-per-offset.ts";
import { producerOrderKept } from "./producer-order-kept.ts";
import { servesAgain } from "./serves-again.ts";
import { deletedForGood } from "./trimmed/deleted-for-good.ts";
import { holesAreSuperseded } from "./trimmed/holes-are-superseded.ts";
import { lastValueKept } from "./trimmed/last-value-kept.ts";
import { nothingGoesEarly } from "./trimmed/nothing-goes-early.ts";
import type { TrimRules } from "./trimmed/trim-rules.ts";

const whatever: readonly Checker[] = [createdTopicKept, servesAgain, nothingInvented];

const unlessLost: readonly Checker[] = [
  oneRecordPerOffset,
  noDuplicateRecord,
  producerOrderKept,
  damageIsTold,
];

const nothingGoes: readonly Checker[] = [
  noAckedRecordLost,
  noReadRecordLost,
  gaplessReads(false),
  lookupsByTime(false),
];

/**
 * The promises of a run; when acknowledged records may be lost, because the power was cut where nothing was
 * synced, few are left. `trim`: how records go that are not lost; null: none ever goes.
 */
export function checkersFor(mayLoseRecords: boolean, trim: TrimRules | null): readonly Checker[] {
  if (mayLoseRecords) return whatever;
  return [...unlessLost, ...whatever, ...(trim === null ? nothingGoes : checkersOf(trim))];
}

function checkersOf(trim: TrimRules): readonly Checker[] {
  return [
    gaplessReads(trim.isCompacted),
    lookupsByTime(true),
    deletedForGood(trim),
    holesAreSuperseded(trim),
    lastValueKept(trim),
    nothingGoesEarly(trim),
  ];
}

/** Runs every checker over a finished history. */
export function checkHistory(history: readonly HistoryEvent[], trim: TrimRules | null = null): Anomaly[] {
  return checkersFor(false, trim).flatMap((checker) => checker(history));
}
