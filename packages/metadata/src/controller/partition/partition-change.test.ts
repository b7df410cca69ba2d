import assert from "node:assert/strict";
import { test } from "node:test";
import type { LeaderEpoch, NodeId, Uuid } from "@ottla/protocol";
import { mergedPartition } from "../../image/topics-delta.ts";
import type { PartitionRegistration } from "../../image/topics-image.ts";
import { type ElectionRules, partitionChange } from "./partition-change.ts";

const topicId = "OzuStd3GRhaWZiVt3Cytgw" as Uuid;

function partition(fields: {
  replicas: number[];
  isr: number[];
  leader: number;
  elr?: number[];
  lastKnownElr?: number[];
}): PartitionRegistration {
  const ids = (list: number[] = []): NodeId[] => list as NodeId[];
  return {
    replicas: ids(fields.replicas),
    directories: fields.replicas.map(() => topicId),
    isr: ids(fields.isr),
    elr: ids(fields.elr),
    lastKnownElr: ids(fields.lastKnownElr),
    removingReplicas: [],
    addingReplicas: [],
    leader: fields.leader as NodeId,
    leaderRecoveryState: 0,
    leaderEpoch: 5 as LeaderEpoch,
    partitionEpoch: 9,
  };
}

function rules(alive: number[], fields: Partial<ElectionRules> = {}): ElectionRules {
  return {
    isAcceptableLeader: (id) => alive.includes(id),
    isElrEnabled: true,
    minInsyncReplicas: 2,
    isUncleanElectionEnabled: false,
    partitionChangeRecordVersion: 2,
    isLeaderEpochBumpRequiredOnIsrShrink: false,
    ...fields,
  };
}

function after(
  before: PartitionRegistration,
  isr: number[],
  how: ElectionRules,
  unclean: number | null = null,
): PartitionRegistration | null {
  const target = {
    topicId,
    index: 0,
    partition: before,
    isr: isr as NodeId[],
    uncleanShutdownBroker: unclean as NodeId | null,
  };
  const record = partitionChange(target, how);
  return record?.name === "PartitionChangeRecord" ? mergedPartition(before, record.data) : null;
}

function summary(state: PartitionRegistration | null): unknown[] {
  return [state?.leader, state?.isr, state?.elr, state?.lastKnownElr, state?.leaderRecoveryState];
}

test("the leader stays while it is in sync, and nothing changes when nothing has to", () => {
  const before = partition({ replicas: [1, 2, 3], isr: [1, 2, 3], leader: 1 });
  assert.equal(after(before, [1, 2, 3], rules([1, 2, 3])), null);
  const shrunk = after(before, [1, 2], rules([1, 2]));
  assert.deepEqual(summary(shrunk), [1, [1, 2], [], [], 0]);
  assert.deepEqual([shrunk?.leaderEpoch, shrunk?.partitionEpoch], [5, 10]);
});

test("below the minimum, who was in sync stays eligible and may lead", () => {
  const before = partition({ replicas: [1, 2, 3], isr: [1, 2, 3], leader: 1 });
  const one = after(before, [2], rules([2]));
  assert.deepEqual(summary(one), [2, [2], [1, 3], [], 0]);
  assert.equal(one?.leaderEpoch, 6);
  const none = after(one as PartitionRegistration, [], rules([]));
  assert.deepEqual(summary(none), [-1, [], [1, 3, 2], [2], 0]);
  const back = after(none as PartitionRegistration, [], rules([3]));
  assert.deepEqual(summary(back), [3, [3], [1, 2], [], 0]);
});

test("a replica that may have lost data is no longer eligible", () => {
  const before = partition({ replicas: [1, 2], isr: [1], elr: [2], leader: 1 });
  assert.deepEqual(summary(after(before, [1], rules([1]), 2)), [1, [1], [], [], 0]);
});

test("the last leader known is elected, unclean, when no safe replica is left", () => {
  const before = partition({ replicas: [1, 2], isr: [], elr: [], lastKnownElr: [1], leader: -1 });
  assert.equal(after(before, [], rules([2])), null);
  assert.deepEqual(summary(after(before, [], rules([1, 2]))), [1, [1], [], [], 1]);
});

test("an unclean election takes any live replica when the topic allows it", () => {
  const before = partition({ replicas: [1, 2], isr: [1], leader: 1 });
  const how = { isElrEnabled: false, isUncleanElectionEnabled: true };
  assert.deepEqual(summary(after(before, [], rules([2], how))), [2, [2], [], [], 1]);
});

test("without eligible replicas the last in-sync replica stays in the list", () => {
  const before = partition({ replicas: [1, 2], isr: [1], leader: 1 });
  assert.deepEqual(summary(after(before, [], rules([2], { isElrEnabled: false }))), [-1, [1], [], [], 0]);
});

test("an old metadata.version bumps the leader epoch when a replica leaves", () => {
  const before = partition({ replicas: [1, 2], isr: [1, 2], leader: 1 });
  const how = {
    isElrEnabled: false,
    isLeaderEpochBumpRequiredOnIsrShrink: true,
    partitionChangeRecordVersion: 0,
  };
  assert.equal(after(before, [1], rules([1], how))?.leaderEpoch, 6);
});
