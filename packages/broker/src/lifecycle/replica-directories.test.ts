import assert from "node:assert/strict";
import { test } from "node:test";
import { metadataRecord } from "@ottla/metadata";
import {
  type AssignReplicasToDirsRequest,
  errors,
  makeAssignReplicasToDirsResponse,
  makePartitionChangeRecord,
} from "@ottla/protocol";
import type { PeerResult } from "../peers/peers.ts";
import { DataPlaneBroker } from "../testing/data-plane-broker.ts";
import { ReplicaDirectories } from "./replica-directories.ts";

type Sent = { request: AssignReplicasToDirsRequest; answer: (result: PeerResult<unknown>) => void };

function harness() {
  const on = new DataPlaneBroker({ settings: { "log.dirs": "/data,/more" } });
  on.apply([metadataRecord("FeatureLevelRecord", 0, { name: "metadata.version", featureLevel: 30 })]);
  const sent: Sent[] = [];
  const send = (_id: number, _key: number, request: unknown, answer: Sent["answer"]): void => {
    sent.push({ request: request as AssignReplicasToDirsRequest, answer });
  };
  const told = new ReplicaDirectories({ ...on.broker, peers: { send } } as never, () => 7);
  on.publishers.push(told);
  return { on, told, sent };
}

const ok: PeerResult<unknown> = { kind: "response", response: makeAssignReplicasToDirsResponse() };

/** `directory: partitions` of a request. */
function listed(sent: Sent | undefined): string[] {
  return (sent?.request.directories ?? []).flatMap(({ id, topics }) =>
    topics.flatMap(({ partitions }) =>
      partitions.map(({ partitionIndex }) => `${id.slice(-2)}: ${partitionIndex}`),
    ),
  );
}

test("replicas for which the broker chose a directory are told, one request at a time, until it is settled", () => {
  const { on, sent } = harness();
  on.createTopic("t", { partitions: 4, directory: null });
  assert.equal(sent.length, 1);
  assert.deepEqual(listed(sent[0]).toSorted(), ["5w: 0", "5w: 2", "6A: 1", "6A: 3"]);
  assert.equal(sent[0]?.request.brokerEpoch, 7n);
  on.createTopic("u", { partitions: 1, directory: null });
  assert.equal(sent.length, 1);
  sent[0]?.answer({ kind: "failed", error: errors.NOT_CONTROLLER });
  on.world.run({ ms: 1000 });
  assert.equal(listed(sent[1]).length, 5);
  sent[1]?.answer(ok);
  on.world.run({ ms: 1000 });
  assert.equal(sent.length, 2);
});

test("a directory that the metadata has is not told, one after a move is", () => {
  const { on, told, sent } = harness();
  on.createTopic("t");
  assert.equal(sent.length, 0);
  const { log } = on.partition();
  const target = on.broker.logs.directoryAt("/more");
  assert.ok(log !== null && target !== null);
  on.broker.logs.moves.move(log, target, () => {});
  on.settle();
  told.moved(on.partition().log ?? log);
  assert.deepEqual(listed(sent[0]), ["6A: 0"]);
  const topicId = log.topicId;
  const directories = [target.id ?? topicId];
  const data = makePartitionChangeRecord({ partitionId: 0, topicId, directories });
  on.apply([metadataRecord("PartitionChangeRecord", 1, data)]);
  sent[0]?.answer(ok);
  assert.equal(sent.length, 1);
});
