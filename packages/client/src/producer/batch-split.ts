// Makes two batches of one that the broker found too large. Each of them may be split again.
import type { Zip } from "@ottla/ports";
import { BATCH_HEADER_BYTES, type KafkaRecord, readRecords } from "@ottla/protocol";
import type { ProducerBatch } from "./producer-batch.ts";
import { recordBytesMax } from "./record-writer.ts";

/** `begin` gives an empty batch with room for so many bytes. The parts hold all records, in order. */
export function splitBatch(
  batch: ProducerBatch,
  zip: Zip,
  begin: (bytes: number) => ProducerBatch,
): ProducerBatch[] {
  const records = readRecords(batch.bytes, 0, zip);
  const middle = records.length >> 1;
  return [records.slice(0, middle), records.slice(middle)].map((half, index) =>
    partOf(batch, half, index === 0 ? 0 : middle, begin),
  );
}

function partOf(
  batch: ProducerBatch,
  records: readonly KafkaRecord[],
  start: number,
  begin: (bytes: number) => ProducerBatch,
): ProducerBatch {
  let bytes = BATCH_HEADER_BYTES;
  for (const { key, value, headers } of records) bytes += recordBytesMax(key, value, headers);
  const part = begin(bytes);
  records.forEach(({ timestamp, key, value, headers }, index) => {
    const { callback, context } = batch.callbackAt(start + index);
    part.append(timestamp, key, value, headers, callback, context);
  });
  return part;
}
