// Groups of 20 members that join, leave, stall and fail at random, over a log that is slow, refuses appends
// and loses what was not committed in a crash. Whatever happens: partitions of a generation are disjoint,
// generations rise, offsets that were acknowledged never go back, everyone is answered once; and when all is
// quiet, the members find one generation that covers all partitions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Xoshiro128 } from "@ottla/ports";
import { errors, type JoinGroupResponse } from "@ottla/protocol";
import { type Asked, bytesOf, errorName, GroupWorld, textOf } from "../testing/group-world.ts";

const MEMBERS = 20;
const PARTITIONS = 30;
const STEPS = 500;
const SEEDS = 30;
const SESSION_MS = 2000;
const REBALANCE_MS = 1000;

/** What is known of all generations, across members. */
class Model {
  /** Who has a partition, by generation. */
  readonly owners = new Map<number, Map<number, string>>();
  /** By generation; since the last crash, after which one that was not written comes again. */
  readonly leaders = new Map<number, string>();
  /** The next offset to commit, by partition; and the last one acknowledged. */
  readonly next: number[] = Array.from({ length: PARTITIONS }, () => 0);
  readonly acknowledged: number[] = Array.from({ length: PARTITIONS }, () => -1);

  /** The newest generation that somebody has an assignment of. */
  get newestGeneration(): number {
    return Math.max(0, ...this.owners.keys());
  }

  assigned(generation: number, memberId: string, partitions: readonly number[]): void {
    const owners = this.owners.get(generation) ?? new Map<number, string>();
    this.owners.set(generation, owners);
    for (const partition of partitions) {
      const owner = owners.get(partition);
      assert.ok(owner === undefined || owner === memberId, `two have ${partition} in ${generation}`);
      owners.set(partition, memberId);
    }
  }

  led(generation: number, leader: string): void {
    const known = this.leaders.get(generation);
    assert.ok(known === undefined || known === leader, `two lead ${generation}`);
    this.leaders.set(generation, leader);
  }
}

class Client {
  readonly name: string;
  readonly #on: GroupWorld;
  readonly #model: Model;
  readonly #instanceId: string | null;
  memberId = "";
  generation = -1;
  partitions: readonly number[] = [];
  state: "out" | "joining" | "joined" | "syncing" | "stable" = "out";
  /** The answer to its join, until it has asked for its assignment. */
  #join: JoinGroupResponse | null = null;
  stalledUntilMs = 0;
  /** Answers to a life before the last crash are nobody's. */
  #life = 0;

  constructor(on: GroupWorld, model: Model, index: number) {
    this.#on = on;
    this.#model = model;
    this.name = `m${index}`;
    this.#instanceId = index % 4 === 0 ? this.name : null;
  }

  /** What a consumer does next. */
  step(random: Xoshiro128): void {
    switch (this.state) {
      case "out":
        return this.#askToJoin();
      case "joined":
        if (random.below(3) > 0) this.#sync(this.#join as JoinGroupResponse);
        return;
      case "stable":
        if (random.below(4) === 0) this.#commit(random);
        else this.#heartbeat();
        return;
      case "joining":
      case "syncing":
        return;
    }
  }

  leave(): void {
    if (this.memberId === "") return;
    this.#on.leaveGroup([
      { memberId: this.memberId, ...(this.#instanceId && { groupInstanceId: this.#instanceId }) },
    ]);
    this.fail();
  }

  /** The process ends without a word and starts anew. */
  fail(): void {
    this.#life++;
    this.memberId = "";
    this.#reset();
  }

  #reset(): void {
    this.state = "out";
    this.partitions = [];
    this.generation = -1;
  }

  #askToJoin(): void {
    this.state = "joining";
    this.partitions = [];
    const asked = this.#on.join({
      memberId: this.memberId,
      groupInstanceId: this.#instanceId,
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      protocols: [{ name: "range", metadata: bytesOf(this.name) }],
    });
    this.#wait(asked, (response) => this.#joined(response));
  }

  #joined(response: JoinGroupResponse): void {
    const error = errorName(response.errorCode);
    if (error !== "NONE") {
      if (error === "MEMBER_ID_REQUIRED") this.memberId = response.memberId;
      else if (error !== "REBALANCE_IN_PROGRESS") this.memberId = "";
      return this.#reset();
    }
    this.memberId = response.memberId;
    assert.ok(response.generationId > 0);
    this.generation = response.generationId;
    if (response.leader === response.memberId && !response.skipAssignment) {
      this.#model.led(response.generationId, response.leader);
    }
    this.#join = response;
    this.state = "joined";
  }

  #sync({ generationId, members, skipAssignment }: JoinGroupResponse): void {
    this.state = "syncing";
    const assignments = skipAssignment
      ? []
      : members.map(({ memberId }, index) => {
          const own = Array.from({ length: PARTITIONS }, (_, at) => at).filter(
            (at) => at % members.length === index,
          );
          return { memberId, assignment: bytesOf(own.join(",")) };
        });
    const { memberId } = this;
    const fields = { memberId, generationId, groupInstanceId: this.#instanceId, assignments };
    this.#wait(this.#on.sync(fields), ({ errorCode, assignment }) => {
      if (errorCode !== 0) return this.#failed(errorName(errorCode));
      const text = textOf(assignment);
      this.partitions = text === "" ? [] : text.split(",").map(Number);
      this.#model.assigned(generationId, this.#instanceId ?? memberId, this.partitions);
      this.state = "stable";
    });
  }

  #heartbeat(): void {
    const error = this.#on.heartbeat(this.memberId, this.generation, this.#instanceId);
    if (error !== "NONE") this.#failed(error);
  }

  #commit(random: Xoshiro128): void {
    const partitionIndex = this.partitions[random.below(Math.max(1, this.partitions.length))];
    if (partitionIndex === undefined) return;
    const { generation } = this;
    const offset = (this.#model.next[partitionIndex] ?? 0) + 1;
    this.#model.next[partitionIndex] = offset;
    const partition = { partitionIndex, committedOffset: BigInt(offset), committedLeaderEpoch: -1 };
    const topics = [
      {
        name: "t",
        topicId: "AAAAAAAAAAAAAAAAAAAAAA" as never,
        partitions: [{ ...partition, committedMetadata: "" }],
      },
    ];
    const { newestGeneration } = this.#model;
    const asked = this.#on.commitOffset(0, {
      memberId: this.memberId,
      groupInstanceId: this.#instanceId,
      generationIdOrMemberEpoch: generation,
      topics,
    });
    asked.whenAnswered((response) => {
      const error = errorName(response.topics[0]?.partitions[0]?.errorCode ?? -2);
      const { acknowledged } = this.#model;
      if (error === "NONE") {
        assert.ok(generation >= newestGeneration, `${generation} commits in ${newestGeneration}`);
        acknowledged[partitionIndex] = Math.max(acknowledged[partitionIndex] ?? -1, offset);
      }
    });
  }

  #failed(error: string): void {
    switch (error) {
      case "REBALANCE_IN_PROGRESS":
      case "ILLEGAL_GENERATION":
        return this.#reset();
      case "UNKNOWN_MEMBER_ID":
      case "FENCED_INSTANCE_ID":
        this.memberId = "";
        return this.#reset();
      case "NOT_COORDINATOR":
      case "COORDINATOR_NOT_AVAILABLE":
      case "COORDINATOR_LOAD_IN_PROGRESS":
        return this.#reset();
      default:
        assert.fail(error);
    }
  }

  #wait<Response>(asked: Asked<Response>, then: (response: Response) => void): void {
    const life = this.#life;
    asked.whenAnswered((response) => {
      if (life === this.#life) then(response);
    });
  }
}

interface Play {
  readonly on: GroupWorld;
  readonly model: Model;
  readonly clients: readonly Client[];
  readonly random: Xoshiro128;
}

function play(seed: number): void {
  const random = new Xoshiro128(seed);
  const on = new GroupWorld({
    seed,
    settings: { "group.initial.rebalance.delay.ms": "100", "group.min.session.timeout.ms": "1000" },
  });
  const model = new Model();
  const clients = Array.from({ length: MEMBERS }, (_, index) => new Client(on, model, index));
  for (let step = 0; step < STEPS; step++) {
    disturb({ on, clients, model, random });
    for (const client of clients) {
      if (client.stalledUntilMs <= on.world.nowMs && random.below(2) === 0) client.step(random);
    }
    on.pass(random.below(150));
    check(on, model);
  }
  calm(on, clients, random);
  check(on, model);
  const generations = new Set(clients.map(({ generation }) => generation));
  const covered = clients.flatMap(({ partitions }) => partitions).toSorted((left, right) => left - right);
  assert.equal(generations.size, 1);
  assert.deepEqual(
    covered,
    Array.from({ length: PARTITIONS }, (_, at) => at),
  );
}

/** One thing that goes wrong, now and then. */
function disturb({ on, clients, model, random }: Play): void {
  const client = clients[random.below(clients.length)] as Client;
  switch (random.below(50)) {
    case 0:
      return client.leave();
    case 1:
      return client.fail();
    case 2:
      client.stalledUntilMs = on.world.nowMs + random.below(6000);
      return;
    case 3:
      on.commitsAtOnce = false;
      return;
    case 4:
    case 5:
      on.commitsAtOnce = true;
      return on.commit();
    case 6:
      on.log.refuseWith = errors.NOT_ENOUGH_REPLICAS;
      return;
    case 7:
    case 8:
      on.log.refuseWith = null;
      return;
    case 9:
      // A crash: what was not committed may be lost.
      if (random.below(2) === 0) on.log.truncateTo(on.log.highWatermark);
      on.log.refuseWith = null;
      model.leaders.clear();
      return on.restart();
  }
}

/** Nothing goes wrong for a minute. */
function calm(on: GroupWorld, clients: readonly Client[], random: Xoshiro128): void {
  on.log.refuseWith = null;
  on.commitsAtOnce = true;
  on.commit();
  for (const client of clients) client.stalledUntilMs = 0;
  for (let step = 0; step < 600; step++) {
    for (const client of clients) client.step(random);
    on.pass(100);
  }
}

function check(on: GroupWorld, model: Model): void {
  const offsets = on.offsets();
  model.acknowledged.forEach((acknowledged, partition) => {
    const found = offsets[`t-${partition}`] ?? -1;
    assert.ok(Number(found) >= acknowledged, `t-${partition}: ${found} is below ${acknowledged}`);
  });
}

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`members come and go, stall and fail: seed ${seed}`, () => play(seed));
}
