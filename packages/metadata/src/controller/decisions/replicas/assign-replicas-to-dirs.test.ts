import assert from "node:assert/strict";
import { test } from "node:test";
import { brokerConfigOf } from "@ottla/config";
import {
  errors,
  makeAssignReplicasToDirsRequest,
  makePartitionRecord,
  makeRegisterBrokerRecord,
  type Uuid,
} from "@ottla/protocol";
import { DIRECTORY_UNASSIGNED } from "../../../directory-id.ts";
import { MetadataDelta } from "../../../image/metadata-delta.ts";
import { emptyMetadataImage } from "../../../image/metadata-image.ts";
import { type MetadataRecord, metadataRecord } from "../../../records/metadata-record.ts";
import { ControllerState } from "../../controller-state.ts";
import { TopicSettings } from "../../topic-settings.ts";
import type { DecisionContext } from "../decision-context.ts";
import { assignReplicasToDirs } from "./assign-replicas-to-dirs.ts";

const topicId = "OzuStd3GRhaWZiVt3Cytgw" as Uuid;
const first = "AAAAAAAAAAAAAAAAAAAD5w" as Uuid;
const second = "AAAAAAAAAAAAAAAAAAAD6A" as Uuid;
const gone = "AAAAAAAAAAAAAAAAAAAD6Q" as Uuid;

/** Brokers 1 and 2 with two directories each, and a topic with a replica on both. */
function decide(
  directory: Uuid,
  asked: { topicId?: Uuid; index?: number; brokerId?: number; epoch?: bigint } = {},
) {
  const records: MetadataRecord[] = [
    metadataRecord("FeatureLevelRecord", 0, { name: "metadata.version", featureLevel: 30 }),
    ...[1, 2].map((brokerId) => {
      const logDirs = [first, second];
      const data = makeRegisterBrokerRecord({ brokerId, brokerEpoch: 5n, fenced: false, logDirs });
      return metadataRecord("RegisterBrokerRecord", 3, data);
    }),
    metadataRecord("TopicRecord", 0, { name: "t", topicId }),
  ];
  const replicas = [1, 2];
  const directories = [DIRECTORY_UNASSIGNED, second];
  const data = makePartitionRecord({
    partitionId: 0,
    topicId,
    replicas,
    isr: replicas,
    leader: 1,
    directories,
  });
  records.push(metadataRecord("PartitionRecord", 1, data));
  const delta = new MetadataDelta(emptyMetadataImage);
  for (const record of records) delta.replay(record);
  const state = new ControllerState(delta.apply({ offset: 10 as never, epoch: 1, timestampMs: 0 }));
  const config = brokerConfigOf({
    "node.id": "1",
    "process.roles": "broker,controller",
    "controller.quorum.voters": "1@localhost:9093",
    "controller.listener.names": "CONTROLLER",
    listeners: "PLAINTEXT://:9092,CONTROLLER://:9093",
  });
  const context = { state, topicSettings: new TopicSettings(config) } as unknown as DecisionContext;
  const { brokerId = 1, epoch: brokerEpoch = 5n, index: partitionIndex = 0 } = asked;
  const topics = [{ topicId: asked.topicId ?? topicId, partitions: [{ partitionIndex }] }];
  const request = makeAssignReplicasToDirsRequest({
    brokerId,
    brokerEpoch,
    directories: [{ id: directory, topics }],
  });
  const decision = assignReplicasToDirs.decide(context, request);
  const told = decision.response.directories[0]?.topics[0]?.partitions[0]?.errorCode;
  return {
    told,
    errorCode: decision.response.errorCode,
    changes: decision.records.map(({ data: change }) => change),
  };
}

test("the directory of a replica is noted, of the others nothing changes", () => {
  const { told, changes } = decide(first);
  assert.equal(told, 0);
  assert.deepEqual(
    changes.map((change) => (change as { directories: unknown }).directories),
    [[first, second]],
  );
  assert.deepEqual(decide(second, { brokerId: 2 }).changes, []);
});

test("a replica in a directory that is gone leads no more", () => {
  const { told, changes } = decide(gone);
  assert.equal(told, 0);
  const [assigned, lost] = changes as { directories: unknown; leader: number; isr: unknown }[];
  assert.deepEqual(assigned?.directories, [gone, second]);
  assert.deepEqual([lost?.leader, lost?.isr], [2, [2]]);
});

test("what is unknown, another's, or of an older life is refused", () => {
  assert.equal(decide(first, { topicId: gone }).told, errors.UNKNOWN_TOPIC_ID.code);
  assert.equal(decide(first, { index: 7 }).told, errors.UNKNOWN_TOPIC_OR_PARTITION.code);
  assert.equal(decide(first, { epoch: 4n }).errorCode, errors.STALE_BROKER_EPOCH.code);
});
