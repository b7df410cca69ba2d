// `.snapshot` files: the producers of a log as they were before the offset in the file's name. Version int16, CRC-32C of all
// that follows it, count, then 46 bytes per producer. Only the last batch of each producer is kept (as Apache Kafka).
import { crc32c, int16At, int32At, int64At, setInt16, setInt32, setInt64 } from "@ottla/protocol";
import { NO_TRANSACTION, ProducerEntry } from "./producer-entry.ts";

const VERSION = 1;
const CRC_AT = 2;
const COUNT_AT = 6;
const ENTRIES_AT = 10;
const ENTRY_BYTES = 46;

/** The file's bytes. */
export function encodeProducerSnapshot(producers: ReadonlyMap<number, ProducerEntry>): Uint8Array {
  const bytes = new Uint8Array(ENTRIES_AT + producers.size * ENTRY_BYTES);
  setInt16(bytes, 0, VERSION);
  setInt32(bytes, COUNT_AT, producers.size);
  let at = ENTRIES_AT;
  for (const entry of producers.values()) {
    const batch = entry.batches.at(-1);
    setInt64(bytes, at, entry.producerId);
    setInt16(bytes, at + 8, entry.epoch);
    setInt32(bytes, at + 10, entry.lastSequence);
    setInt64(bytes, at + 14, entry.lastDataOffset);
    setInt32(bytes, at + 22, batch?.offsetDelta ?? 0);
    setInt64(bytes, at + 26, entry.lastTimestamp);
    setInt32(bytes, at + 34, entry.coordinatorEpoch);
    setInt64(bytes, at + 38, entry.transactionFirstOffset);
    at += ENTRY_BYTES;
  }
  setInt32(bytes, CRC_AT, crc32c(bytes, COUNT_AT));
  return bytes;
}

/** The producers of a snapshot; null when the bytes are not one: the log is scanned instead. */
export function decodeProducerSnapshot(bytes: Uint8Array): ProducerEntry[] | null {
  if (bytes.length < ENTRIES_AT || int16At(bytes, 0) !== VERSION) return null;
  if (int32At(bytes, CRC_AT) !== (crc32c(bytes, COUNT_AT) | 0)) return null;
  const count = int32At(bytes, COUNT_AT);
  if (count < 0 || bytes.length !== ENTRIES_AT + count * ENTRY_BYTES) return null;
  const producers: ProducerEntry[] = [];
  for (let at = ENTRIES_AT; at < bytes.length; at += ENTRY_BYTES) {
    const entry = new ProducerEntry(int64At(bytes, at));
    entry.epoch = int16At(bytes, at + 8);
    const lastOffset = int64At(bytes, at + 14);
    const lastTimestamp = int64At(bytes, at + 26);
    // A producer known by markers alone has no batch.
    if (lastOffset >= 0) {
      entry.addBatch({
        lastSequence: int32At(bytes, at + 10),
        lastOffset,
        offsetDelta: int32At(bytes, at + 22),
        maxTimestamp: lastTimestamp,
      });
    }
    entry.lastTimestamp = lastTimestamp;
    entry.coordinatorEpoch = int32At(bytes, at + 34);
    const first = int64At(bytes, at + 38);
    entry.transactionFirstOffset = first < 0 ? NO_TRANSACTION : first;
    producers.push(entry);
  }
  return producers;
}
