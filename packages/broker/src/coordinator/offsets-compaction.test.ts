// The topic of committed offsets is really compacted: many commits of one group leave little, and a
// coordinator that starts again on the rest finds the same offsets.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  makeOffsetCommitRequestOffsetCommitRequestPartition as commitPartition,
  type IncrementalAlterConfigsResponse,
  type OffsetCommitResponse,
  type OffsetFetchResponse,
  ZERO_UUID,
} from "@ottla/protocol";
import type { FakeClient } from "../testing/fake-client.ts";
import { type WholeBroker, wholeBroker } from "../testing/whole-broker.ts";

const groupId = "g";
const topic = "t";
const OFFSETS = "__consumer_offsets";
const COMMITS = 400;
const SEGMENT_BYTES = 4_000;
const RESOURCE_TOPIC = 2;
const SET = 0;

function commit(client: FakeClient, partitionIndex: number, offset: number): number | undefined {
  const partitions = [commitPartition({ partitionIndex, committedOffset: BigInt(offset) })];
  const topics = [{ name: topic, topicId: ZERO_UUID, partitions }];
  const request = { groupId, generationIdOrMemberEpoch: -1, memberId: "", topics };
  const response = client.ask(apiKeys.OffsetCommit, 8, request) as OffsetCommitResponse;
  return response.topics[0]?.partitions[0]?.errorCode;
}

function committed(client: FakeClient): (bigint | undefined)[] | null {
  const request = { groupId, topics: [{ name: topic, partitionIndexes: [0, 1] }] };
  const response = client.ask(apiKeys.OffsetFetch, 7, request) as OffsetFetchResponse;
  if (response.errorCode !== 0) return null;
  return response.topics[0]?.partitions.map(({ committedOffset }) => committedOffset) ?? null;
}

function until<Result>({ world }: WholeBroker, ask: () => Result | null): Result {
  for (let tries = 0; tries < 100; tries++) {
    const result = ask();
    if (result !== null) return result;
    world.run({ ms: 100 });
  }
  throw new Error("it did not come about");
}

function offsetsBytes({ broker }: Pick<WholeBroker, "broker">): number {
  let bytes = 0;
  for (const log of broker.services.logs.logs()) if (log.topic === OFFSETS) bytes += log.sizeInBytes;
  return bytes;
}

test("many commits of few partitions are compacted, and found again by the next coordinator", () => {
  const on = wholeBroker({
    seed: 7,
    topics: [topic],
    settings: {
      "offsets.topic.num.partitions": "1",
      "offsets.topic.replication.factor": "1",
      "log.cleaner.backoff.ms": "1000",
    },
  });
  const client = on.connect();
  // The first look-up brings the topic about.
  client.ask(apiKeys.FindCoordinator, 3, { key: groupId });
  until(on, () => (commit(client, 0, 0) === 0 ? true : null));
  const setting = { name: "internal.segment.bytes", configOperation: SET, value: String(SEGMENT_BYTES) };
  const resources = [{ resourceType: RESOURCE_TOPIC, resourceName: OFFSETS, configs: [setting] }];
  const altered = client.ask(apiKeys.IncrementalAlterConfigs, 1, { resources });
  assert.equal((altered as IncrementalAlterConfigsResponse).responses[0]?.errorCode, 0);
  for (let offset = 1; offset <= COMMITS; offset++) assert.equal(commit(client, offset % 2, offset), 0);
  on.world.run({ ms: 20_000 });
  assert.ok(on.broker.services.logs.cleanerMetrics.cleanings > 0);
  const bytes = offsetsBytes(on);
  // A commit takes more than a hundred bytes.
  assert.ok(bytes < 2 * SEGMENT_BYTES, `${COMMITS} commits are left in ${bytes} bytes`);
  const expected = [BigInt(COMMITS), BigInt(COMMITS - 1)];
  assert.deepEqual(committed(client), expected);
  for (const how of ["power", "kill"] as const) {
    const broker = on.crashAndRestart(how);
    const next = on.connect();
    assert.deepEqual(
      until(on, () => committed(next)),
      expected,
    );
    assert.ok(offsetsBytes({ broker }) < 2 * SEGMENT_BYTES);
  }
  assert.deepEqual(on.errorsLogged, []);
});
