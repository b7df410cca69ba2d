// Groups of drawn members in a scripted cluster, in virtual time: members come, go, stall and lose their
// connections, the coordinator moves, leaders move, records keep coming. At any time no partition is read by
// two members of one generation; in the end every record was given to somebody, and what is committed was
// given before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { settlePromises } from "@ottla/ports";
import { ScriptedCluster } from "../testing/scripted-cluster.ts";
import { ScriptedGroup } from "../testing/scripted-group.ts";
import { ScriptedReads } from "../testing/scripted-reads.ts";
import { Consumer } from "./consumer.ts";
import { partitionKey } from "./topic-partition-map.ts";

const SEEDS = 12;
const PARTITIONS = 6;
const FAULTY_MS = 60_000;
const STRATEGIES = ["range", "roundrobin", "sticky", "cooperative-sticky"];

interface Member {
  readonly consumer: Consumer;
  readonly name: string;
  /** Partitions it was told of, until they were revoked or lost. */
  readonly held: Set<string>;
  isStalled: boolean;
  isClosing: boolean;
}

class Crew {
  readonly cluster: ScriptedCluster;
  readonly reads: ScriptedReads;
  readonly group: ScriptedGroup;
  readonly members: Member[] = [];
  /** Highest offset given to anybody, plus one, by partition; committed offsets must not pass it. */
  readonly given: Map<string, number> = new Map();
  readonly seen: Set<string> = new Set();
  readonly failures: unknown[] = [];
  #strategy: string;
  #names = 0;
  isEnding = false;

  constructor(seed: number) {
    this.cluster = new ScriptedCluster(seed, [1, 2, 3]);
    this.cluster.topic(
      "t",
      Array.from({ length: PARTITIONS }, (_, index) => 1 + (index % 3)),
    );
    this.reads = new ScriptedReads(this.cluster);
    this.group = new ScriptedGroup(this.cluster, 1);
    this.#strategy = STRATEGIES[this.draw(STRATEGIES.length)]!;
  }

  draw(bound: number): number {
    return this.cluster.client.ports.random.below(bound);
  }

  get nowMs(): number {
    return this.cluster.client.ports.clock.monotonicMs();
  }

  join(): void {
    this.#names += 1;
    const consumer = new Consumer(
      {
        "bootstrap.servers": "broker-1:9092,broker-2:9092,broker-3:9092",
        "group.id": "g",
        "client.id": `c${this.#names}`,
        "auto.offset.reset": "earliest",
        "partition.assignment.strategy": this.#strategy,
        "session.timeout.ms": 10_000,
        "heartbeat.interval.ms": 1000,
        "max.poll.interval.ms": 15_000,
        "request.timeout.ms": 5000,
        "auto.commit.interval.ms": 500,
        "max.poll.records": 3,
      },
      this.cluster.environment,
    );
    const member: Member = {
      consumer,
      name: `c${this.#names}`,
      held: new Set(),
      isStalled: false,
      isClosing: false,
    };
    const give = (partitions: readonly { topic: string; partition: number }[]): void => {
      for (const partition of partitions) member.held.delete(partitionKey(partition));
    };
    consumer.subscribe(["t"], {
      onPartitionsAssigned: (partitions) => {
        for (const partition of partitions) member.held.add(partitionKey(partition));
      },
      onPartitionsRevoked: give,
      onPartitionsLost: give,
    });
    this.members.push(member);
    this.#work(member).catch((error: unknown) => this.failures.push(error));
  }

  leave(member: Member): void {
    member.isClosing = true;
    this.members.splice(this.members.indexOf(member), 1);
    member.consumer.close({ timeoutMs: 5000 }).catch((error: unknown) => this.failures.push(error));
  }

  async #work(member: Member): Promise<void> {
    const { timers } = this.cluster.client.ports;
    while (!member.isClosing) {
      while (member.isStalled && !member.isClosing) {
        await new Promise<void>((resolve) => timers.set(500, resolve));
      }
      if (member.isClosing) return;
      const wasOut = member.consumer.groupMetadata().generationId < 0;
      const records = await member.consumer.poll(200);
      const isOut = wasOut && member.consumer.groupMetadata().generationId < 0;
      assert.ok(!isOut || member.held.size === 0, `${member.name} is out, and holds partitions`);
      for (const record of records) {
        const key = partitionKey(record);
        assert.ok(member.held.has(key), `${member.name} reads ${key}, which it was not told of`);
        this.seen.add(`${key}@${record.offset}`);
        this.given.set(key, Math.max(this.given.get(key) ?? 0, record.offset + 1));
      }
      this.#checkCommits();
      await new Promise<void>((resolve) => timers.set(this.draw(100), resolve));
    }
  }

  #checkCommits(): void {
    for (const [key, offset] of this.group.committed) {
      assert.ok(
        offset <= (this.given.get(key) ?? 0),
        `${key} is committed at ${offset}, ahead of what was given`,
      );
    }
  }

  /** Members that the coordinator has in its generation hold disjoint partitions. */
  checkDisjoint(): void {
    const holders = new Map<string, string>();
    for (const { consumer, name, held } of this.members) {
      const { memberId, generationId } = consumer.groupMetadata();
      if (generationId !== this.group.generationId || !this.group.memberIds.includes(memberId)) continue;
      if (!this.group.isStable) continue;
      for (const key of held) {
        assert.ok(!holders.has(key), `${key} is held by ${holders.get(key)} and ${name}`);
        holders.set(key, name);
      }
    }
  }

  disturb(): void {
    const { members, cluster, group } = this;
    const member = members[this.draw(Math.max(1, members.length))];
    switch (this.draw(8)) {
      case 0:
        if (members.length < 6) this.join();
        break;
      case 1:
        if (member !== undefined && members.length > 1) this.leave(member);
        break;
      case 2:
        if (member !== undefined) member.isStalled = !member.isStalled;
        break;
      case 3:
        cluster.disconnect(1 + this.draw(3));
        break;
      case 4:
        group.coordinatorId = 1 + this.draw(3);
        break;
      case 5: {
        const partition = cluster.topics.get("t")!.partitions[this.draw(PARTITIONS)]!;
        partition.leaderId = 1 + this.draw(3);
        partition.leaderEpoch += 1;
        break;
      }
      case 6:
        this.reads.evictSessions();
        break;
      default: {
        const memberId = group.memberIds[this.draw(Math.max(1, group.memberIds.length))];
        if (memberId !== undefined && this.draw(3) === 0) group.expire(memberId);
      }
    }
  }

  async run(ms: number, step: () => void): Promise<void> {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      step();
      await this.cluster.world.runSettled({ ms: 200 }, settlePromises);
      if (this.failures.length > 0) throw this.failures[0];
      this.checkDisjoint();
    }
  }
}

async function runSeed(seed: number): Promise<void> {
  const crew = new Crew(seed);
  let appended = 0;
  for (let count = 1 + crew.draw(4); count > 0; count--) crew.join();
  await crew.run(FAULTY_MS, () => {
    if (crew.draw(3) === 0) crew.disturb();
    const partition = crew.draw(PARTITIONS);
    crew.reads.append("t", partition, ["x", "y"]);
    appended += 2;
  });
  for (const member of crew.members) member.isStalled = false;
  if (crew.members.length === 0) crew.join();
  let isCovered = false;
  const startMs = crew.nowMs;
  while (!isCovered) {
    assert.ok(
      crew.nowMs - startMs < 120_000,
      `seed ${seed}: not settled; ${crew.seen.size} of ${appended} read`,
    );
    await crew.run(1000, () => {});
    const held = crew.members.reduce((count, member) => count + member.consumer.assignment().length, 0);
    isCovered = held === PARTITIONS && crew.seen.size === appended;
  }
  for (const member of [...crew.members]) crew.leave(member);
  await crew.run(12_000, () => {});
  const committed = [...crew.group.committed.values()].reduce((sum, offset) => sum + offset, 0);
  assert.equal(committed, appended, `seed ${seed}: closing commits what was given`);
}

test("groups under faults: disjoint partitions, every record given, commits never ahead", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      await runSeed(seed);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
    }
  }
});
