// Helpers of the tests of compaction: keyed batches, a cleaning from its begin to its end, what a log holds.
import { createNodeZip } from "@ottla/ports";
import { batchEnd, buildBatch, readRecords } from "@ottla/protocol";
import type { PartitionLog } from "../partition-log.ts";
import { type LogWorld, readFrom, takeBytes } from "./log-world.ts";

/** A record as a reader sees it. */
export interface FoundRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

const zip = createNodeZip();
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A batch of keys and values; null: none. */
export function keyedBatch(
  records: readonly (readonly [string | null, string | null])[],
  fields: Partial<Parameters<typeof buildBatch>[0]> = {},
): Uint8Array {
  return buildBatch(
    {
      records: records.map(([key, value], index) => ({
        timestamp: 1_735_689_600_000 + index,
        key: key === null ? null : encoder.encode(key),
        value: value === null ? null : encoder.encode(value),
      })),
      ...fields,
    },
    zip,
  );
}

/** Everything appended becomes durable and visible, then the cleaner runs until it finds no more. */
export function cleanNow(world: LogWorld, log: PartitionLog): void {
  world.settle();
  log.updateHighWatermark(log.logEndOffset);
  for (let second = 0; second < 5; second++) world.tick();
  world.world.run({ ms: 1000 });
}

/** All bytes of the log's batches, from its start. */
function allBytes(world: LogWorld, log: PartitionLog): Uint8Array {
  const parts: Uint8Array[] = [];
  let next: number = log.logStartOffset;
  for (;;) {
    const bytes = takeBytes(readFrom(world, log, { offset: next }));
    if (bytes.length === 0) break;
    let end = 0;
    for (let at = 0; (at = batchEnd(bytes, at, bytes.length)) > 0; ) end = at;
    parts.push(bytes.slice(0, end));
    const endOffset = endOffsetOf(bytes.subarray(0, end));
    if (endOffset <= next) throw new Error(`a read at ${next} ended at ${endOffset}`);
    next = endOffset;
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function endOffsetOf(bytes: Uint8Array): number {
  let endOffset = 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0, end: number; (end = batchEnd(bytes, at, bytes.length)) > 0; at = end) {
    endOffset = Number(view.getBigInt64(at)) + view.getInt32(at + 23) + 1;
  }
  return endOffset;
}

/** All records of the log, control records too. */
export function recordsOf(world: LogWorld, log: PartitionLog): FoundRecord[] {
  const bytes = allBytes(world, log);
  const found: FoundRecord[] = [];
  for (let at = 0, end: number; (end = batchEnd(bytes, at, bytes.length)) > 0; at = end) {
    for (const record of readRecords(bytes, at, zip)) {
      found.push({
        offset: record.offset,
        key: record.key === null ? null : decoder.decode(record.key),
        value: record.value === null ? null : decoder.decode(record.value),
        timestamp: record.timestamp,
      });
    }
  }
  return found;
}
