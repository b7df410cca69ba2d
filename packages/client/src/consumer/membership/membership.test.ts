// Members of a classic group in a scripted cluster, in virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKeys, errors } from "@ottla/protocol";
import type { ClientSettings } from "../../config/client-config.ts";
import { metricValue } from "../../testing/metric-value.ts";
import { ScriptedCluster } from "../../testing/scripted-cluster.ts";
import { ScriptedGroup } from "../../testing/scripted-group.ts";
import { ScriptedReads } from "../../testing/scripted-reads.ts";
import { Consumer } from "../consumer.ts";
import { CommitFailedError, RebalanceInProgressError } from "../consumer-errors.ts";
import type { RebalanceListener } from "./rebalance-listener.ts";

interface Stage {
  readonly cluster: ScriptedCluster;
  readonly reads: ScriptedReads;
  readonly group: ScriptedGroup;
  member(settings?: ClientSettings): Consumer;
  /** Polls all by turns until it is so. */
  pollUntil(consumers: readonly Consumer[], isDone: () => boolean): Promise<string[]>;
}

function stage(seed: number): Stage {
  const cluster = new ScriptedCluster(seed, [1, 2]);
  cluster.topic("t", [1, 1, 1, 1]);
  const reads = new ScriptedReads(cluster);
  const group = new ScriptedGroup(cluster, 1);
  const member = (settings: ClientSettings = {}): Consumer =>
    new Consumer(
      {
        "bootstrap.servers": "broker-1:9092,broker-2:9092",
        "auto.offset.reset": "earliest",
        "group.id": "g",
        ...settings,
      },
      cluster.environment,
    );
  const pollUntil = async (consumers: readonly Consumer[], isDone: () => boolean): Promise<string[]> => {
    const values: string[] = [];
    const startMs = cluster.client.ports.clock.monotonicMs();
    while (!isDone()) {
      const polled = await cluster.settled(Promise.all(consumers.map((consumer) => consumer.poll(100))));
      for (const records of polled) {
        for (const { value } of records) values.push(new TextDecoder().decode(value!));
      }
      assert.ok(cluster.client.ports.clock.monotonicMs() - startMs < 120_000, "not done in two minutes");
    }
    return values;
  };
  return { cluster, reads, group, member, pollUntil };
}

const sizes = (consumers: readonly Consumer[]): number[] =>
  consumers.map((consumer) => consumer.assignment().length).sort();

const isShared = (consumers: readonly Consumer[], shares: readonly number[]): boolean =>
  sizes(consumers).join() === shares.join();

test("a member joins with the id it is given, and is alone with all partitions", async () => {
  const { group, member, pollUntil } = stage(1);
  const consumer = member();
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  assert.deepEqual(group.events, ["join m1", "generation 1: m1"]);
  assert.equal(consumer.groupMetadata().memberId, "m1");
  const of = (name: string) => metricValue(consumer.metrics(), `consumer-coordinator-metrics:${name}`);
  assert.deepEqual(
    ["join-total", "sync-total", "rebalance-total", "assigned-partitions"].map(of),
    [1, 1, 1, 4],
  );
  assert.ok(Number(of("rebalance-latency-max")) > 0);
  assert.equal(of("last-heartbeat-seconds-ago"), -1);
});

test("heartbeats leave by timer while nobody polls, until max.poll.interval.ms has passed", async () => {
  const { cluster, group, member, pollUntil } = stage(2);
  const told: string[] = [];
  const consumer = member({ "max.poll.interval.ms": 60_000, "enable.auto.commit": false });
  consumer.subscribe(["t"], { onPartitionsLost: () => void told.push("lost") });
  await pollUntil([consumer], () => isShared([consumer], [4]));
  const heartbeats = (): number => cluster.log.filter(({ apiKey }) => apiKey === apiKeys.Heartbeat).length;
  const before = heartbeats();
  await cluster.run({ ms: 50_000 });
  const sent = heartbeats() - before;
  assert.ok(sent >= 15 && sent <= 18, `${sent} heartbeats in 50 s`);
  assert.deepEqual(group.memberIds, ["m1"]);
  await cluster.run({ ms: 11_000 });
  assert.deepEqual(group.memberIds, [], "it left");
  const after = heartbeats();
  await cluster.run({ ms: 20_000 });
  assert.equal(heartbeats(), after);
  await assert.rejects(
    cluster.settled(consumer.commit([[{ topic: "t", partition: 0 }, { offset: 1 }]])),
    CommitFailedError,
  );
  await pollUntil([consumer], () => group.memberIds.length === 1 && isShared([consumer], [4]));
  assert.deepEqual(told, ["lost"]);
});

test("a second member gets its share; when it leaves, the first has all again", async () => {
  const { group, member, pollUntil } = stage(3);
  const [one, two] = [member(), member()];
  one.subscribe(["t"]);
  await pollUntil([one], () => isShared([one], [4]));
  two.subscribe(["t"]);
  await pollUntil([one, two], () => isShared([one, two], [2, 2]));
  const closing = two.close();
  await pollUntil([one], () => isShared([one], [4]));
  await closing;
  assert.ok(group.events.includes("leave m2"));
});

test("a coordinator that moves is found, and the member stays what it was", async () => {
  const { cluster, group, member, pollUntil } = stage(4);
  const consumer = member();
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  group.coordinatorId = 2;
  await cluster.run({ ms: 8000 });
  await cluster.settled(consumer.commit([[{ topic: "t", partition: 3 }, { offset: 7 }]]));
  assert.equal(group.committed.get("t-3"), 7);
  assert.equal(group.generationId, 1, "no rebalance");
  const heartbeatNodes = cluster.log.filter(({ apiKey }) => apiKey === apiKeys.Heartbeat);
  assert.equal(heartbeatNodes.at(-1)?.nodeId, 2);
});

test("a coordinator that dies and loads again is waited for", async () => {
  const { cluster, group, member, pollUntil } = stage(5);
  const consumer = member();
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  cluster.stop(1);
  group.coordinatorId = 2;
  let loading = 20;
  group.fault = () => (loading-- > 0 ? errors.COORDINATOR_LOAD_IN_PROGRESS : null);
  await cluster.settled(consumer.commit([[{ topic: "t", partition: 0 }, { offset: 1 }]]));
  assert.equal(group.committed.get("t-0"), 1);
  assert.equal(group.generationId, 1);
});

test("errors of a join that pass are tried again, others come out of poll", async () => {
  const { cluster, group, member, pollUntil } = stage(6);
  const consumer = member();
  consumer.subscribe(["t"]);
  let left = 3;
  group.fault = (api) => (api === "join" && left-- > 0 ? errors.COORDINATOR_LOAD_IN_PROGRESS : null);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  for (const spec of [errors.GROUP_AUTHORIZATION_FAILED, errors.GROUP_MAX_SIZE_REACHED]) {
    const refused = member();
    refused.subscribe(["t"]);
    group.fault = (api) => (api === "join" ? spec : null);
    await assert.rejects(
      pollUntil([refused], () => false),
      { name: spec.name },
    );
    group.fault = null;
    await cluster.settled(refused.close());
  }
});

test("a member that the coordinator forgot loses its partitions and joins under a new id", async () => {
  const { group, member, pollUntil } = stage(7);
  const told: string[] = [];
  const listener: RebalanceListener = {
    onPartitionsLost: (lost) => void told.push(`lost ${lost.length}`),
    onPartitionsRevoked: (revoked) => void told.push(`revoked ${revoked.length}`),
    onPartitionsAssigned: (assigned) => void told.push(`assigned ${assigned.length}`),
  };
  const consumer = member();
  consumer.subscribe(["t"], listener);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  group.expire("m1");
  await pollUntil([consumer], () => group.memberIds.includes("m2") && isShared([consumer], [4]));
  assert.deepEqual(told, ["assigned 4", "lost 4", "assigned 4"]);
});

test("a cooperative member that is not known any more when it joins loses what it kept", async () => {
  const { group, member, pollUntil } = stage(17);
  const told: string[] = [];
  const listener: RebalanceListener = {
    onPartitionsLost: (lost) => void told.push(`lost ${lost.length}`),
    onPartitionsRevoked: (revoked) => void told.push(`revoked ${revoked.length}`),
    onPartitionsAssigned: (assigned) => void told.push(`assigned ${assigned.length}`),
  };
  const consumer = member({ "partition.assignment.strategy": "cooperative-sticky" });
  consumer.subscribe(["t"], listener);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  group.fault = (api, memberId) => (api === "join" && memberId === "m1" ? errors.UNKNOWN_MEMBER_ID : null);
  consumer.enforceRebalance();
  await pollUntil([consumer], () => group.memberIds.includes("m2") || told.includes("lost 4"));
  assert.deepEqual(told, ["assigned 4", "lost 4"]);
  group.expire("m1");
  await pollUntil([consumer], () => isShared([consumer], [4]));
});

test("without an onPartitionsLost, lost partitions are told as revoked", async () => {
  const { group, member, pollUntil } = stage(8);
  const told: number[] = [];
  const consumer = member();
  consumer.subscribe(["t"], { onPartitionsRevoked: (partitions) => void told.push(partitions.length) });
  await pollUntil([consumer], () => isShared([consumer], [4]));
  group.expire("m1");
  await pollUntil([consumer], () => group.memberIds.includes("m2"));
  assert.deepEqual(told, [4]);
});

test("what was given to the user is committed before the partitions go, and read by the next owner", async () => {
  const { reads, group, member, pollUntil } = stage(9);
  for (const partition of [0, 1, 2, 3]) reads.append("t", partition, [`${partition}a`, `${partition}b`]);
  const [one, two] = [member(), member()];
  one.subscribe(["t"]);
  let seen = 0;
  const before = await pollUntil([one], () => {
    seen = [...one.assignment()].length;
    return seen === 4 && reads.fetches.length > 2;
  });
  two.subscribe(["t"]);
  const after = await pollUntil([one, two], () => isShared([one, two], [2, 2]));
  const rest = await pollUntil([one, two], () => group.committed.size === 4);
  assert.deepEqual([...before, ...after, ...rest].sort(), ["0a", "0b", "1a", "1b", "2a", "2b", "3a", "3b"]);
});

test("an automatic commit comes every interval while the user polls", async () => {
  const { cluster, reads, group, member, pollUntil } = stage(10);
  reads.append("t", 0, ["a", "b", "c"]);
  const consumer = member({ "auto.commit.interval.ms": 1000 });
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => group.committed.get("t-0") === 3);
  const commits = (): number => cluster.log.filter(({ apiKey }) => apiKey === apiKeys.OffsetCommit).length;
  const before = commits();
  const startMs = cluster.client.ports.clock.monotonicMs();
  await pollUntil([consumer], () => cluster.client.ports.clock.monotonicMs() - startMs > 10_000);
  const sent = commits() - before;
  assert.ok(sent >= 9 && sent <= 11, `${sent} commits in 10 s`);
});

test("a commit during a rebalance says so, and works after the next poll", async () => {
  const { cluster, group, member, pollUntil } = stage(11);
  const consumer = member({ "enable.auto.commit": false });
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  const offsets = [[{ topic: "t", partition: 0 }, { offset: 5 }]] as const;
  group.fault = (api) => (api === "commit" ? errors.REBALANCE_IN_PROGRESS : null);
  await assert.rejects(cluster.settled(consumer.commit(offsets)), RebalanceInProgressError);
  group.fault = null;
  await pollUntil([consumer], () => group.generationId === 2 && isShared([consumer], [4]));
  await cluster.settled(consumer.commit(offsets));
  assert.equal(group.committed.get("t-0"), 5);
});

test("commits that wait for the coordinator keep their order and are tried once", async () => {
  const { cluster, group, member, pollUntil } = stage(18);
  const consumer = member({ "enable.auto.commit": false });
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  const told: (string | null)[] = [];
  const later = (offset: number): void =>
    consumer.commitAsync([[{ topic: "t", partition: 0 }, { offset }]], (error) => {
      told.push(error?.name ?? null);
    });
  group.fault = (api) => (api === "commit" ? errors.NOT_COORDINATOR : null);
  later(1);
  await cluster.run({ ms: 1000 });
  let loading = 1;
  group.fault = (api) => (api === "commit" && loading-- > 0 ? errors.COORDINATOR_LOAD_IN_PROGRESS : null);
  later(10);
  await cluster.settled(consumer.commit([[{ topic: "t", partition: 0 }, { offset: 17 }]]));
  await cluster.run({ ms: 10_000 });
  assert.deepEqual(told, ["NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS"]);
  assert.equal(group.committed.get("t-0"), 17);
});

test("a member of a group that the coordinator lost joins it anew", async () => {
  const { cluster, group, member, pollUntil } = stage(16);
  const consumer = member({ "enable.auto.commit": false });
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  const offsets = [[{ topic: "t", partition: 0 }, { offset: 5 }]] as const;
  group.fault = (api) => (api === "commit" ? errors.GROUP_ID_NOT_FOUND : null);
  await assert.rejects(cluster.settled(consumer.commit(offsets)), CommitFailedError);
  group.fault = null;
  await pollUntil([consumer], () => group.memberIds.includes("m2") && isShared([consumer], [4]));
  await cluster.settled(consumer.commit(offsets));
});

test("a fenced static member is told so by poll", async () => {
  const { group, member, pollUntil } = stage(12);
  const consumer = member({ "group.instance.id": "i" });
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  group.fault = (api) => (api === "heartbeat" ? errors.FENCED_INSTANCE_ID : null);
  await assert.rejects(
    pollUntil([consumer], () => false),
    { name: "FENCED_INSTANCE_ID" },
  );
});

test("a static member closes without leaving the group", async () => {
  const { cluster, group, member, pollUntil } = stage(13);
  const consumer = member({ "group.instance.id": "i" });
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  await cluster.settled(consumer.close());
  assert.deepEqual(group.memberIds, ["m1"]);
});

test("a closing member leaves or stays as it is told (KIP-1092)", async () => {
  for (const settings of [{ "group.instance.id": "i" }, {}]) {
    for (const operation of ["leave-group", "remain-in-group"] as const) {
      const { cluster, group, member, pollUntil } = stage(19);
      const consumer = member(settings);
      consumer.subscribe(["t"]);
      await pollUntil([consumer], () => isShared([consumer], [4]));
      await cluster.settled(consumer.close({ groupMembershipOperation: operation }));
      assert.deepEqual(group.memberIds, operation === "leave-group" ? [] : ["m1"]);
    }
  }
});

test("a static member that does not poll does not leave; it joins again under a new id", async () => {
  const { cluster, group, member, pollUntil } = stage(20);
  const consumer = member({ "group.instance.id": "i", "max.poll.interval.ms": 60_000 });
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  await cluster.run({ ms: 61_000 });
  assert.ok(!group.events.some((event) => event.startsWith("leave")));
  assert.equal(consumer.groupMetadata().generationId, -1);
  await pollUntil([consumer], () => group.generationId > 1 && isShared([consumer], [4]));
});

test("a group goes from eager to cooperative member by member, and no partition has two owners", async () => {
  const { group, member, pollUntil } = stage(21);
  const owners = new Map<number, number>();
  const listener = (own: number): RebalanceListener => ({
    onPartitionsAssigned(partitions) {
      for (const { partition } of partitions) {
        assert.equal(owners.get(partition), undefined);
        owners.set(partition, own);
      }
    },
    onPartitionsRevoked(partitions) {
      for (const { partition } of partitions) {
        assert.equal(owners.get(partition), own);
        owners.delete(partition);
      }
    },
  });
  let count = 0;
  const started = (strategy: string): Consumer => {
    const consumer = member({ "partition.assignment.strategy": strategy });
    consumer.subscribe(["t"], listener(count++));
    return consumer;
  };
  const members = [started("range"), started("range")];
  await pollUntil(members, () => isShared(members, [2, 2]));
  for (const strategy of ["cooperative-sticky,range", "cooperative-sticky"]) {
    for (const index of [0, 1]) {
      const [old] = members.splice(index, 1, started(strategy));
      const closing = old!.close();
      await pollUntil(members, () => isShared(members, [2, 2]));
      await closing;
    }
  }
  assert.equal(owners.size, 4);
  const before = group.generationId;
  members.push(started("cooperative-sticky"));
  await pollUntil(members, () => isShared(members, [1, 1, 2]));
  // Cooperative: what is given up in one generation is given away in the next.
  assert.equal(group.generationId, before + 2);
});

test("a subscription that changes leads to a rebalance", async () => {
  const { cluster, group, member, pollUntil } = stage(14);
  cluster.topic("u", [2]);
  const consumer = member();
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  consumer.subscribe(["t", "u"]);
  await pollUntil([consumer], () => isShared([consumer], [5]));
  consumer.subscribe(["u"]);
  await pollUntil([consumer], () => isShared([consumer], [1]));
  assert.equal(group.generationId, 3);
});

test("a broker that drops the connection in the middle of a join is asked again", async () => {
  const { cluster, member, pollUntil } = stage(15);
  const consumer = member();
  consumer.subscribe(["t"]);
  let drops = 3;
  await pollUntil([consumer], () => {
    if (drops-- > 0) cluster.disconnect(1);
    return isShared([consumer], [4]);
  });
});

test("committed() ends with its time while the coordinator has no stable answer", async () => {
  const { cluster, group, member } = stage(22);
  const consumer = member();
  group.fault = (api) => (api === "offsets" ? errors.UNSTABLE_OFFSET_COMMIT : null);
  const committed = consumer.committed([{ topic: "t", partition: 0 }], { timeoutMs: 3000 });
  await assert.rejects(cluster.settled(committed), {
    message:
      "Timeout of 3000ms expired before the last committed offset for partitions [t-0] could be determined",
  });
});

test("a wakeup ends a commit that waits for a coordinator", async () => {
  const { cluster, group, member, pollUntil } = stage(23);
  const consumer = member();
  consumer.subscribe(["t"]);
  await pollUntil([consumer], () => isShared([consumer], [4]));
  group.fault = (api) => (api === "commit" ? errors.NOT_COORDINATOR : null);
  const startMs = cluster.world.nowMs;
  const commit = consumer.commit([[{ topic: "t", partition: 0 }, { offset: 5 }]]);
  const rejected = assert.rejects(cluster.settled(commit), { name: "WakeupError" });
  cluster.client.ports.timers.set(2000, () => consumer.wakeup());
  await rejected;
  assert.ok(cluster.world.nowMs - startMs < 4000);
});
