// Record batches of a Fetch answer, field by field: headers as numbers, payloads as hex. What depends on the
// peer's clock or on ids that it drew is a symbol, and so is the checksum over it.
import { createHash } from "node:crypto";
import {
  BATCH_HEADER_BYTES,
  batchFieldExact,
  CRC_AT,
  LENGTH_AT,
  LOG_OVERHEAD_BYTES,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_ID_AT,
} from "@ottla/protocol";
import { payloadBytesShownMax } from "./limits.ts";
import { isClockReading, type PeerSymbols } from "./symbols.ts";

function shown(bytes: Buffer): string {
  if (bytes.length <= payloadBytesShownMax) return bytes.toString("hex");
  return `${bytes.length} bytes, sha256 ${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
}

function describeBatch(batch: Buffer, symbols: PeerSymbols): unknown {
  const maxTimestamp = batchFieldExact(batch, 0, MAX_TIMESTAMP_AT);
  const producerId = batchFieldExact(batch, 0, PRODUCER_ID_AT);
  const isSymbolic = isClockReading(maxTimestamp) || producerId >= 0n;
  return {
    baseOffset: batch.readBigInt64BE(0),
    length: batch.readInt32BE(LENGTH_AT),
    partitionLeaderEpoch: batch.readInt32BE(12),
    magic: batch.readInt8(MAGIC_AT),
    crc: isSymbolic ? "<checksum over symbols>" : batch.readUInt32BE(CRC_AT),
    attributes: batch.readInt16BE(21),
    lastOffsetDelta: batch.readInt32BE(23),
    baseTimestamp: batch.readBigInt64BE(27),
    maxTimestamp: isClockReading(maxTimestamp) ? "<clock reading>" : maxTimestamp,
    producerId: symbols.producer(producerId),
    producerEpoch: batch.readInt16BE(51),
    baseSequence: batch.readInt32BE(53),
    count: batch.readInt32BE(57),
    payload: shown(batch.subarray(BATCH_HEADER_BYTES)),
  };
}

/** Whole batches in order; what is no whole v2 batch is shown as bytes. */
export function describeBatches(records: Uint8Array, symbols: PeerSymbols): unknown {
  const bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
  const batches: unknown[] = [];
  let at = 0;
  while (bytes.length - at >= BATCH_HEADER_BYTES && bytes.readInt8(at + MAGIC_AT) === 2) {
    const size = LOG_OVERHEAD_BYTES + bytes.readInt32BE(at + LENGTH_AT);
    if (size < BATCH_HEADER_BYTES || size > bytes.length - at) break;
    batches.push(describeBatch(bytes.subarray(at, at + size), symbols));
    at += size;
  }
  return { batches, rest: shown(bytes.subarray(at)) };
}
