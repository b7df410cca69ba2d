// Produce requests made once and sent many times: a load generator must not be the bottleneck.
import { apiKeys, buildBatch, makeProduceRequest } from "@ottla/protocol";
import { requestFrame } from "./raw-connection.ts";

const produceVersion = 9;

/** What a batch holds. */
export interface BatchShape {
  readonly records: number;
  readonly valueBytes: number;
  /** Keys count up from here; without, records have none. */
  readonly firstKey?: number;
}

/** A batch of such records, at offset 0 and without a producer. */
export function plainBatch({ records, valueBytes, firstKey }: BatchShape): Uint8Array {
  const value = new Uint8Array(valueBytes).fill(0x61);
  const timestamp = Date.now();
  const keyOf = (index: number): Uint8Array | null =>
    firstKey === undefined ? null : Buffer.from(`key-${firstKey + index}`);
  return buildBatch({
    records: Array.from({ length: records }, (_, index) => ({
      timestamp,
      key: keyOf(index),
      value,
      headers: [],
    })),
  });
}

/** A Produce frame with one such batch for one partition. */
export function produceFrame(
  options: BatchShape & { readonly topic: string; readonly partition: number; readonly acks: number },
): Buffer {
  const request = makeProduceRequest({
    acks: options.acks,
    timeoutMs: 30_000,
    topicData: [
      {
        name: options.topic,
        topicId: "AAAAAAAAAAAAAAAAAAAAAA" as never,
        partitionData: [{ index: options.partition, records: plainBatch(options) }],
      },
    ],
  });
  return requestFrame(apiKeys.Produce, produceVersion, request, 7);
}

/**
 * The error code of the first partition in a Produce v9 answer with a topic name of `topicBytes` bytes (<
 * 127).
 */
export function produceErrorCode(frame: Buffer, topicBytes: number): number {
  // size 4, correlation id 4, header tags 1, topics 1, name length 1, name, partitions 1, index 4, error code
  // 2
  return frame.readInt16BE(4 + 4 + 1 + 1 + 1 + topicBytes + 1 + 4);
}
