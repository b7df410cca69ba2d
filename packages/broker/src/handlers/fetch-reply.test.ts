import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogSlice } from "@ottla/log";
import { runWhole } from "@ottla/ports";
import {
  type ErrorSpec,
  encodeFetchResponse,
  errors,
  type FetchResponse,
  makeFetchRequest,
  makeFetchRequestFetchPartition,
  makeFetchRequestFetchTopic,
  makeFetchResponse,
  makeFetchResponseAbortedTransaction,
  makeFetchResponseEpochEndOffset,
  makeFetchResponseFetchableTopicResponse,
  makeFetchResponseLeaderIdAndEpoch,
  makeFetchResponseNodeEndpoint,
  makeFetchResponsePartitionData,
  type Uuid,
  Writer,
  ZERO_UUID,
} from "@ottla/protocol";
import { type FetchWish, PartitionFetch } from "../partition/partition-fetch.ts";
import {
  encodeFetchReply,
  encodeFetchReplyInPieces,
  type FetchReply,
  fetchErrorReply,
  fetchReply,
} from "./fetch-reply.ts";

const wish: FetchWish = {
  fetchOffset: 0,
  partitionMaxBytes: 1,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
  fetcherLogStartOffset: -1,
  knownHighWatermark: -1,
};
const idOne = "AAAAAAAAAAAAAAAAAAAAZQ" as Uuid;
const idTwo = "AAAAAAAAAAAAAAAAAAAAyg" as Uuid;

function partition(
  topicId: Uuid,
  topic: string,
  index: number,
  fields: Partial<PartitionFetch>,
): PartitionFetch {
  return Object.assign(new PartitionFetch(topicId, topic, index, wish), fields);
}

function sliceOf(...parts: Uint8Array[]): PartitionFetch["slice"] {
  return { parts, bytes: parts.reduce((sum, part) => sum + part.length, 0), release: () => {} };
}

/** The same response in the generated form. */
function generated(reply: FetchReply, version: number): FetchResponse {
  const response = makeFetchResponse({ errorCode: reply.errorCode, sessionId: reply.sessionId });
  let last: PartitionFetch | null = null;
  for (const [at, from] of reply.partitions.entries()) {
    if (last === null || last.topic !== from.topic || last.topicId !== from.topicId) {
      const { topicId } = from;
      response.responses.push(makeFetchResponseFetchableTopicResponse({ topic: from.topic ?? "", topicId }));
    }
    last = from;
    response.responses
      .at(-1)
      ?.partitions.push(generatedPartition(from, reply.slices[at] as LogSlice, version));
  }
  if (version >= 16) {
    response.nodeEndpoints = reply.nodes.map(({ nodeId, host, port, rack }) =>
      makeFetchResponseNodeEndpoint({ nodeId, host, port, rack }),
    );
  }
  return response;
}

function generatedPartition(
  from: PartitionFetch,
  slice: LogSlice,
  version: number,
): FetchResponse.PartitionData {
  const isMisled = from.error === errors.NOT_LEADER_OR_FOLLOWER || from.error === errors.FENCED_LEADER_EPOCH;
  return makeFetchResponsePartitionData({
    partitionIndex: from.index,
    errorCode: from.error.code,
    highWatermark: BigInt(from.highWatermark),
    lastStableOffset: BigInt(from.lastStableOffset),
    logStartOffset: BigInt(from.logStartOffset),
    abortedTransactions:
      from.abortedTransactions?.map(({ producerId, firstOffset }) =>
        makeFetchResponseAbortedTransaction({
          producerId: BigInt(producerId),
          firstOffset: BigInt(firstOffset),
        }),
      ) ?? null,
    records: Uint8Array.from(slice.parts.flatMap((part) => [...part])),
    ...(version >= 12 && from.divergingEpoch >= 0
      ? {
          divergingEpoch: makeFetchResponseEpochEndOffset({
            epoch: from.divergingEpoch,
            endOffset: BigInt(from.divergingEndOffset),
          }),
        }
      : {}),
    ...(version >= 16 && isMisled
      ? {
          currentLeader: makeFetchResponseLeaderIdAndEpoch({
            leaderId: from.leaderId,
            leaderEpoch: from.leaderEpoch,
          }),
        }
      : {}),
  });
}

function replyOf(topicIds: boolean): FetchReply {
  const [one, two] = topicIds ? [idOne, idTwo] : [ZERO_UUID, ZERO_UUID];
  const failed = (index: number, error: ErrorSpec) =>
    partition(two, "zwei-ü", index, { error, leaderId: 3, leaderEpoch: 9 });
  return fetchReply({
    errorCode: 0,
    sessionId: 77,
    partitions: [
      partition(one, "one", 0, {
        highWatermark: 2 ** 40 + 5,
        lastStableOffset: 2 ** 53 - 1,
        logStartOffset: 2 ** 32,
        slice: sliceOf(new Uint8Array(5000).fill(1), new Uint8Array(3).fill(2)),
      }),
      partition(one, "one", 4, {
        highWatermark: 4_294_967_295,
        lastStableOffset: 0,
        logStartOffset: 2_147_483_648,
      }),
      failed(0, errors.NOT_LEADER_OR_FOLLOWER),
      failed(1, errors.FENCED_LEADER_EPOCH),
      failed(2, errors.OFFSET_OUT_OF_RANGE),
      partition(one, "one", 9, { abortedTransactions: [] }),
      partition(one, "one", 8, {
        abortedTransactions: [
          { producerId: 7, firstOffset: 2 ** 33 },
          { producerId: 2 ** 50, firstOffset: 0 },
        ],
      }),
      partition(two, "zwei-ü", 6, { divergingEpoch: 3, divergingEndOffset: 2 ** 41 }),
    ],
    nodes: [
      { nodeId: 3, host: "h", port: 9092, rack: null, isFenced: false },
      { nodeId: 4, host: "h4", port: 1, rack: "r", isFenced: false },
    ],
  });
}

test("the hand-made response is the generated one, byte for byte, in every version", () => {
  for (let version = 4; version <= 18; version += 1) {
    const reply = version < 7 ? { ...replyOf(false), sessionId: 0 } : replyOf(version >= 13);
    const written = new Writer();
    encodeFetchReply(written, reply, version);
    const expected = new Writer();
    encodeFetchResponse(expected, generated(reply, version), version);
    const bytes = expected.toBytes();
    assert.deepEqual(written.toBytes(), bytes, `version ${version}`);
    const inPieces = new Writer();
    runWhole(encodeFetchReplyInPieces(inPieces, reply, version));
    assert.deepEqual(inPieces.toBytes(), bytes, `version ${version}, in pieces`);
  }
});

test("a response of nothing is the generated one too", () => {
  const reply = fetchReply({ errorCode: 70, sessionId: 0, partitions: [], nodes: [] });
  for (let version = 7; version <= 18; version += 1) {
    const written = new Writer();
    encodeFetchReply(written, reply, version);
    const expected = new Writer();
    encodeFetchResponse(expected, makeFetchResponse({ errorCode: 70 }), version);
    assert.deepEqual(written.toBytes(), expected.toBytes(), `version ${version}`);
  }
});

test("large records go out as the views they came in", () => {
  const part = new Uint8Array(100_000);
  const writer = new Writer();
  const partitions = [partition(idOne, "one", 0, { slice: sliceOf(part) })];
  const reply = fetchReply({ errorCode: 0, sessionId: 0, partitions, nodes: [] });
  encodeFetchReply(writer, reply, 18);
  assert.ok(writer.finish().parts.some((written) => written.buffer === part.buffer));
});

test("before version 6 a failed disk sends readers to look for another leader", () => {
  const partitions = [partition(ZERO_UUID, "t", 0, { error: errors.KAFKA_STORAGE_ERROR })];
  for (const [version, code] of [
    [5, errors.NOT_LEADER_OR_FOLLOWER.code],
    [6, errors.KAFKA_STORAGE_ERROR.code],
  ] as const) {
    const written = new Writer();
    encodeFetchReply(written, fetchReply({ errorCode: 0, sessionId: 0, partitions, nodes: [] }), version);
    // throttle time, array, name, array, index; the error follows.
    assert.equal(new DataView(written.toBytes().buffer).getInt16(4 + 4 + 3 + 4 + 4), code);
  }
});

test("a failed request names its partitions while they have names", () => {
  const partitions = [makeFetchRequestFetchPartition({ partition: 3 })];
  const named = makeFetchRequest({ topics: [makeFetchRequestFetchTopic({ topic: "t", partitions })] });
  assert.equal(
    fetchErrorReply(named, errors.UNKNOWN_SERVER_ERROR).partitions[0]?.error,
    errors.UNKNOWN_SERVER_ERROR,
  );
  const byId = makeFetchRequest({ topics: [makeFetchRequestFetchTopic({ topicId: idOne, partitions })] });
  assert.deepEqual(fetchErrorReply(byId, errors.UNKNOWN_SERVER_ERROR).partitions, []);
});
