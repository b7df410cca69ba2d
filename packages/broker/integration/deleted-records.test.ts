// Deleted records of a real process on a real disk: what was answered holds after a kill.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createNodeZip } from "@ottla/ports";
import { apiKeys, buildBatch, ZERO_UUID } from "@ottla/protocol";
import { BrokerProcess, WireClient } from "./broker-process.ts";

let broker: BrokerProcess;

before(async () => {
  broker = await BrokerProcess.start();
});

after(async () => {
  await broker.remove();
});

async function logStart(client: WireClient): Promise<bigint | undefined> {
  const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -2n }];
  const answer = await client.ask(apiKeys.ListOffsets, 7, {
    replicaId: -1,
    topics: [{ name: "orders", partitions }],
  });
  return answer.topics[0]?.partitions[0]?.offset;
}

test("records that were deleted stay so after a kill in the same moment", async () => {
  let client = await WireClient.connect(broker.port);
  const topic = { name: "orders", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
  await client.ask(apiKeys.CreateTopics, 7, { topics: [topic], timeoutMs: 5000 });
  const records = Array.from({ length: 10 }, (_, index) => ({
    timestamp: 1_735_689_600_000 + index,
    key: null,
    value: Uint8Array.of(index),
  }));
  const partitionData = [{ index: 0, records: buildBatch({ records }, createNodeZip()) }];
  const produced = await client.ask(apiKeys.Produce, 12, {
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: "orders", topicId: ZERO_UUID, partitionData }],
  });
  assert.equal(produced.responses[0]?.partitionResponses[0]?.errorCode, 0);
  for (const offset of [4n, 7n]) {
    const deleted = await client.ask(apiKeys.DeleteRecords, 2, {
      topics: [{ name: "orders", partitions: [{ partitionIndex: 0, offset }] }],
      timeoutMs: 5000,
    });
    const [partition] = deleted.topics[0]?.partitions ?? [];
    assert.deepEqual([partition?.errorCode, partition?.lowWatermark], [0, offset]);
    await broker.stop("SIGKILL");
    await broker.start();
    client = await WireClient.connect(broker.port);
    assert.equal(await logStart(client), offset);
  }
  client.socket.destroy();
});
