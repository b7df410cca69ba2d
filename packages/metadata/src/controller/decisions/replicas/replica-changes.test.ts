// Elections and reassignments as the controller decides them, in a cluster of three brokers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brokerConfigOf } from "@ottla/config";
import {
  type ErrorSpec,
  errors,
  type LeaderEpoch,
  makeAlterPartitionReassignmentsRequest,
  makeElectLeadersRequest,
  makeListPartitionReassignmentsRequest,
  makePartitionRecord,
  makeRegisterBrokerRecord,
  type NodeId,
  type Uuid,
} from "@ottla/protocol";
import { MetadataDelta } from "../../../image/metadata-delta.ts";
import { emptyMetadataImage } from "../../../image/metadata-image.ts";
import type { PartitionRegistration } from "../../../image/topics-image.ts";
import { type MetadataRecord, metadataRecord } from "../../../records/metadata-record.ts";
import { ControllerState } from "../../controller-state.ts";
import type { Decision } from "../../decision.ts";
import { TopicSettings } from "../../topic-settings.ts";
import type { Decider, DecisionContext } from "../decision-context.ts";
import { alterPartitionReassignments } from "./alter-partition-reassignments.ts";
import { electLeaders } from "./elect-leaders.ts";
import { listPartitionReassignments } from "./list-partition-reassignments.ts";

const topicId = "OzuStd3GRhaWZiVt3Cytgw" as Uuid;

/** Brokers 1 to 3, all active but those fenced, and topic `t` with one partition. */
class Cluster {
  readonly state: ControllerState;
  partsDecided = 1;
  readonly #context: DecisionContext;

  constructor(
    partition: { replicas: number[]; isr?: number[]; leader?: number },
    { fenced = [] as readonly number[], others = 0 } = {},
  ) {
    const records: MetadataRecord[] = [1, 2, 3].map((brokerId) =>
      metadataRecord(
        "RegisterBrokerRecord",
        1,
        makeRegisterBrokerRecord({ brokerId, brokerEpoch: 1n, fenced: fenced.includes(brokerId) }),
      ),
    );
    const { replicas, isr = replicas, leader = replicas[0] ?? -1 } = partition;
    const data = makePartitionRecord({ partitionId: 0, topicId, replicas, isr, leader, leaderEpoch: 4 });
    records.push(metadataRecord("TopicRecord", 0, { name: "t", topicId }));
    records.push(metadataRecord("PartitionRecord", 0, data));
    for (let count = 0; count < others; count++) {
      const other = `AAAAAAAAAAAAAAAAAAA${String(count).padStart(3, "0")}` as Uuid;
      records.push(metadataRecord("TopicRecord", 0, { name: `other-${count}`, topicId: other }));
      records.push(metadataRecord("PartitionRecord", 0, { ...data, topicId: other }));
    }
    const delta = new MetadataDelta(emptyMetadataImage);
    for (const record of records) delta.replay(record);
    this.state = new ControllerState(delta.apply({ offset: 10 as never, epoch: 1, timestampMs: 0 }));
    const config = brokerConfigOf({
      "process.roles": "broker,controller",
      "node.id": "1",
      "controller.listener.names": "CONTROLLER",
      listeners: "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
      "controller.quorum.voters": "1@localhost:9093",
      "log.dirs": "/data",
    });
    this.#context = {
      state: this.state,
      topicSettings: new TopicSettings(config),
      config,
    } as unknown as DecisionContext;
  }

  get partition(): PartitionRegistration {
    return this.state.image.topics.partition(topicId, 0) as PartitionRegistration;
  }

  /** As the controller decides a request: in parts, when there are several. */
  decide<Request, Response>(decider: Decider<Request, Response>, request: Request): Response {
    const cutter = decider.parts?.(this.#context);
    const parts = cutter?.cut(request) ?? [request];
    if (cutter === undefined || parts.length <= 1) return this.#decideOne(decider, request);
    this.partsDecided = parts.length;
    return cutter.join(parts.map((part) => this.#decideOne(decider, part)));
  }

  #decideOne<Request, Response>(decider: Decider<Request, Response>, request: Request): Response {
    const decision: Decision<Response> = decider.decide(this.#context, request);
    if (decision.records.length > 0) this.state.replay(decision.records, 1, 0);
    return decision.response;
  }

  elect(electionType: number, topic = "t", index = 0): number | undefined {
    const topicPartitions = [{ topic, partitions: [index] }];
    const answer = this.decide(electLeaders, makeElectLeadersRequest({ electionType, topicPartitions }));
    return answer.replicaElectionResults[0]?.partitionResult[0]?.errorCode;
  }

  reassign(replicas: number[] | null, allowReplicationFactorChange = true): number | undefined {
    const topics = [{ name: "t", partitions: [{ partitionIndex: 0, replicas }] }];
    const request = makeAlterPartitionReassignmentsRequest({ topics, allowReplicationFactorChange });
    return this.decide(alterPartitionReassignments, request).responses[0]?.partitions[0]?.errorCode;
  }

  underWay(): unknown {
    const answer = this.decide(
      listPartitionReassignments,
      makeListPartitionReassignmentsRequest({ topics: null }),
    );
    return answer.topics.flatMap(({ partitions }) =>
      partitions.map(({ replicas, addingReplicas, removingReplicas }) => ({
        replicas,
        addingReplicas,
        removingReplicas,
      })),
    );
  }
}

function code({ code: number }: ErrorSpec): number {
  return number;
}

test("the preferred leader is elected when another one leads, in a new epoch", () => {
  const cluster = new Cluster({ replicas: [1, 2], leader: 2 });
  assert.equal(cluster.elect(0), 0);
  assert.deepEqual([cluster.partition.leader, cluster.partition.leaderEpoch], [1, 5 as LeaderEpoch]);
  assert.equal(cluster.elect(0), code(errors.ELECTION_NOT_NEEDED));
});

test("a preferred leader that is away or behind is not elected", () => {
  const away = new Cluster({ replicas: [1, 2], leader: 2 }, { fenced: [1] });
  assert.equal(away.elect(0), code(errors.PREFERRED_LEADER_NOT_AVAILABLE));
  const behind = new Cluster({ replicas: [1, 2], isr: [2], leader: 2 });
  assert.equal(behind.elect(0), code(errors.PREFERRED_LEADER_NOT_AVAILABLE));
  assert.equal(behind.partition.leader, 2);
});

test("an unclean election takes a replica that is behind, for a partition without a leader only", () => {
  const lost = new Cluster({ replicas: [1, 2], isr: [1], leader: -1 }, { fenced: [1] });
  assert.equal(lost.elect(1), 0);
  assert.deepEqual([lost.partition.leader, lost.partition.isr], [2, [2 as NodeId]]);
  assert.equal(new Cluster({ replicas: [1, 2] }).elect(1), code(errors.ELECTION_NOT_NEEDED));
  const dead = new Cluster({ replicas: [1], isr: [1], leader: -1 }, { fenced: [1] });
  assert.equal(dead.elect(1), code(errors.ELIGIBLE_LEADERS_NOT_AVAILABLE));
});

test("of all partitions, those at rest are not told", () => {
  const cluster = new Cluster({ replicas: [1, 2] });
  const all = makeElectLeadersRequest({ topicPartitions: null });
  assert.deepEqual(cluster.decide(electLeaders, all).replicaElectionResults, [
    { topic: "t", partitionResult: [] },
  ]);
  assert.equal(cluster.elect(0, "none"), code(errors.UNKNOWN_TOPIC_OR_PARTITION));
  assert.equal(cluster.elect(0, "t", 1), code(errors.UNKNOWN_TOPIC_OR_PARTITION));
});

test("new replicas join the old ones and are listed until they are in sync", () => {
  const cluster = new Cluster({ replicas: [1] });
  assert.equal(cluster.reassign([2, 3]), 0);
  const moving = { replicas: [2, 3, 1], addingReplicas: [2, 3], removingReplicas: [1] };
  assert.deepEqual(cluster.underWay(), [moving]);
  const { leader, isr, leaderEpoch, directories } = cluster.partition;
  assert.deepEqual([leader, isr, leaderEpoch, directories.length], [1, [1], 4, 3]);
  assert.equal(cluster.reassign(null), 0);
  assert.deepEqual([cluster.partition.replicas, cluster.underWay()], [[1], []]);
  assert.equal(cluster.reassign(null), code(errors.NO_REASSIGNMENT_IN_PROGRESS));
});

test("replicas that only leave are gone at once, and the leadership with them", () => {
  const cluster = new Cluster({ replicas: [1, 2, 3] });
  assert.equal(cluster.reassign([3, 2]), 0);
  const { replicas, isr, leader, leaderEpoch } = cluster.partition;
  assert.deepEqual(
    { replicas, isr, leader, leaderEpoch },
    { replicas: [3, 2], isr: [2, 3], leader: 3, leaderEpoch: 5 },
  );
  assert.deepEqual(cluster.underWay(), []);
});

test("assignments that cannot be change nothing", () => {
  const cluster = new Cluster({ replicas: [1] });
  const before = cluster.partition;
  for (const replicas of [[], [9], [1, 1]])
    assert.equal(cluster.reassign(replicas), code(errors.INVALID_REPLICA_ASSIGNMENT), String(replicas));
  assert.equal(cluster.reassign([1, 2], false), code(errors.INVALID_REPLICATION_FACTOR));
  assert.equal(cluster.reassign([1]), 0);
  assert.equal(cluster.partition, before);
});

test("elections of very many partitions are decided in parts, and answered as one", () => {
  const cluster = new Cluster({ replicas: [1, 2], leader: 2 }, { others: 300 });
  const all = cluster.decide(electLeaders, makeElectLeadersRequest({ topicPartitions: null }));
  assert.ok(cluster.partsDecided > 1);
  const results = all.replicaElectionResults.flatMap(({ partitionResult }) => partitionResult);
  assert.deepEqual([all.replicaElectionResults.length, results.length], [301, 301]);
  assert.ok(results.every(({ errorCode }) => errorCode === 0));
  const again = cluster.decide(electLeaders, makeElectLeadersRequest({ topicPartitions: null }));
  assert.equal(again.replicaElectionResults.length, 301);
  assert.ok(again.replicaElectionResults.every(({ partitionResult }) => partitionResult.length === 0));
});

test("reassignments of very many topics are decided in parts, and answered as one", () => {
  const cluster = new Cluster({ replicas: [1] }, { others: 300 });
  const topics = Array.from({ length: 300 }, (_, count) => ({
    name: `other-${count}`,
    partitions: [{ partitionIndex: 0, replicas: [2] }],
  }));
  const request = makeAlterPartitionReassignmentsRequest({ topics, allowReplicationFactorChange: false });
  const answer = cluster.decide(alterPartitionReassignments, request);
  assert.ok(cluster.partsDecided > 1);
  assert.equal(answer.allowReplicationFactorChange, false);
  assert.equal(answer.responses.length, 300);
  assert.equal((cluster.underWay() as unknown[]).length, 300);
});
