// Fetch requests without a session for one partition, and the few bytes of the answer that a load generator
// looks at.
import { apiKeys, decodeFetchResponse, type FetchResponse, makeFetchRequest, Reader } from "@ottla/protocol";
import { requestFrame } from "./raw-connection.ts";

const fetchVersion = 11;

/** A Fetch of one partition from `offset`; waits up to `maxWaitMs` for `minBytes`. */
export function fetchFrame(options: {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly bytesMax: number;
  readonly minBytes: number;
  readonly maxWaitMs: number;
}): Buffer {
  const request = makeFetchRequest({
    replicaId: -1,
    maxWaitMs: options.maxWaitMs,
    minBytes: options.minBytes,
    maxBytes: options.bytesMax,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [
      {
        topic: options.topic,
        topicId: "AAAAAAAAAAAAAAAAAAAAAA" as never,
        partitions: [
          {
            partition: options.partition,
            currentLeaderEpoch: -1,
            fetchOffset: BigInt(options.offset),
            lastFetchedEpoch: -1,
            logStartOffset: -1n,
            partitionMaxBytes: options.bytesMax,
            replicaDirectoryId: "AAAAAAAAAAAAAAAAAAAAAA" as never,
            highWatermark: 0n,
          },
        ],
      },
    ],
  });
  return requestFrame(apiKeys.Fetch, fetchVersion, request, 9);
}

/** The records of the one partition in an answer to `fetchFrame`, and the offset after them. */
export function fetchedRecords(
  frame: Buffer,
  offset: number,
): { readonly bytes: number; readonly nextOffset: number } {
  const response: FetchResponse = decodeFetchResponse(new Reader(frame, 8), fetchVersion);
  const partition = response.responses[0]?.partitions[0];
  if (partition === undefined || partition.errorCode !== 0)
    throw new Error(`fetch: error ${partition?.errorCode}`);
  const records = partition.records;
  let nextOffset = offset;
  let at = 0;
  if (records !== null) {
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
    while (at + 61 <= records.length) {
      const size = 12 + view.getInt32(at + 8);
      if (at + size > records.length) break;
      nextOffset = Number(view.getBigInt64(at)) + view.getInt32(at + 23) + 1;
      at += size;
    }
  }
  return { bytes: at, nextOffset };
}
