// `.snapshot` files: the producers of a log as they were before the offset in the file's name. Version int16,
// CRC-32C of all that follows it, count, then 46 bytes per row. Apache Kafka writes a producer's last batch
// alone, so that after a restart it refuses the retry of an earlier one that is in flight; here a producer
// has a row for each batch it is known by, oldest first. Kafka's reader lets the last row of a producer
// count.
import {
  crc32c,
  int16At,
  int32At,
  int64At,
  NO_SEQUENCE,
  setInt16,
  setInt32,
  setInt64,
} from "@ottla/protocol";
import { NO_TRANSACTION, type ProducerBatch, ProducerEntry } from "./producer-entry.ts";

const VERSION = 1;
const CRC_AT = 2;
const COUNT_AT = 6;
const ENTRIES_AT = 10;
const ENTRY_BYTES = 46;

/** The file's bytes. */
export function encodeProducerSnapshot(producers: ReadonlyMap<number, ProducerEntry>): Uint8Array {
  let rows = 0;
  for (const { batches } of producers.values()) rows += Math.max(1, batches.length);
  const bytes = new Uint8Array(ENTRIES_AT + rows * ENTRY_BYTES);
  setInt16(bytes, 0, VERSION);
  setInt32(bytes, COUNT_AT, rows);
  let at = ENTRIES_AT;
  for (const entry of producers.values()) {
    const newest = entry.batches.at(-1) ?? null;
    // A producer known by markers alone has no batch.
    for (const batch of entry.batches.length === 0 ? [null] : entry.batches) {
      const timestamp = batch === newest ? entry.lastTimestamp : (batch as ProducerBatch).maxTimestamp;
      writeRow(bytes, at, entry, batch, timestamp);
      at += ENTRY_BYTES;
    }
  }
  setInt32(bytes, CRC_AT, crc32c(bytes, COUNT_AT));
  return bytes;
}

function writeRow(
  bytes: Uint8Array,
  at: number,
  entry: ProducerEntry,
  batch: ProducerBatch | null,
  timestamp: number,
): void {
  setInt64(bytes, at, entry.producerId);
  setInt16(bytes, at + 8, entry.epoch);
  setInt32(bytes, at + 10, batch?.lastSequence ?? NO_SEQUENCE);
  setInt64(bytes, at + 14, batch?.lastOffset ?? -1);
  setInt32(bytes, at + 22, batch?.offsetDelta ?? 0);
  setInt64(bytes, at + 26, timestamp);
  setInt32(bytes, at + 34, entry.coordinatorEpoch);
  setInt64(bytes, at + 38, entry.transactionFirstOffset);
}

/** The producers of a snapshot; null when the bytes are not one: the log is scanned instead. */
export function decodeProducerSnapshot(bytes: Uint8Array): ProducerEntry[] | null {
  if (bytes.length < ENTRIES_AT || int16At(bytes, 0) !== VERSION) return null;
  if (int32At(bytes, CRC_AT) !== (crc32c(bytes, COUNT_AT) | 0)) return null;
  const count = int32At(bytes, COUNT_AT);
  if (count < 0 || bytes.length !== ENTRIES_AT + count * ENTRY_BYTES) return null;
  const producers = new Map<number, ProducerEntry>();
  for (let at = ENTRIES_AT; at < bytes.length; at += ENTRY_BYTES) {
    const producerId = int64At(bytes, at);
    let entry = producers.get(producerId);
    if (entry === undefined) producers.set(producerId, (entry = new ProducerEntry(producerId)));
    entry.adoptEpoch(int16At(bytes, at + 8));
    const lastOffset = int64At(bytes, at + 14);
    const timestamp = int64At(bytes, at + 26);
    if (lastOffset >= 0) {
      entry.addBatch({
        lastSequence: int32At(bytes, at + 10),
        lastOffset,
        offsetDelta: int32At(bytes, at + 22),
        maxTimestamp: timestamp,
      });
    }
    entry.lastTimestamp = timestamp;
    entry.coordinatorEpoch = int32At(bytes, at + 34);
    const first = int64At(bytes, at + 38);
    entry.transactionFirstOffset = first < 0 ? NO_TRANSACTION : first;
  }
  return [...producers.values()];
}
