// By which rules records of a topic may go, as checkers need them, and what was acknowledged where.
import { isTombstone, keyNumber } from "../../clients/value-records.ts";
import type { HistoryEvent, Key } from "../../history.ts";

/** How records may go. */
export interface TrimRules {
  readonly isCompacted: boolean;
  /** How many keys records have. */
  readonly keys: number;
  /** Milliseconds that a tombstone stays at least. */
  readonly deleteRetentionMs: number;
  /** Milliseconds; -1: age deletes nothing. */
  readonly retentionMs: number;
  /** Size deletes records, too. */
  readonly hasSizeRetention: boolean;
  /** Clients delete records. */
  readonly hasDeletions: boolean;
}

/** An acknowledged record. */
export interface AckedRecord {
  readonly offset: number;
  readonly value: number;
  readonly recordKey: number;
  readonly isTombstone: boolean;
  /** When its send began. */
  readonly sentMs: number;
}

/** Acknowledged records of each partition, by offset, ascending. */
export function ackedRecords(
  history: readonly HistoryEvent[],
  keys: number,
): Map<Key, Map<number, AckedRecord>> {
  const sentMs = new Map<number, number>();
  const acked: [Key, AckedRecord][] = [];
  for (const event of history) {
    if (event.f !== "send") continue;
    if (event.type === "invoke") for (const value of event.values) sentMs.set(value, event.timeMs);
    if (event.type !== "ok" || event.offset === null) continue;
    for (const [index, value] of event.values.entries()) {
      const record = {
        offset: event.offset + index,
        value,
        recordKey: keyNumber(value, keys),
        isTombstone: isTombstone(value, keys),
        sentMs: sentMs.get(value) ?? 0,
      };
      acked.push([event.key, record]);
    }
  }
  const found = new Map<Key, Map<number, AckedRecord>>();
  for (const [key, record] of acked.sort((left, right) => left[1].offset - right[1].offset)) {
    const records = found.get(key) ?? new Map<number, AckedRecord>();
    found.set(key, records.set(record.offset, record));
  }
  return found;
}
