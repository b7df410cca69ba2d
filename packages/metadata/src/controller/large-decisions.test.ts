// Requests about very many topics or partitions: what is too much is refused as Apache Kafka does, everything
// else is decided in parts and written in batches that every engine takes.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  type CreateTopicsResponse,
  errors,
  makeCreatePartitionsRequest,
  makeCreateTopicsRequest,
  makeCreateTopicsRequestCreatableTopic,
  makeDeleteTopicsRequest,
  type Offset,
} from "@ottla/protocol";
import { META_LOG_BATCH_BYTES_MAX } from "../limits.ts";
import type { MetaLogEntry } from "../meta-log/meta-log.ts";
import { AppendQueue } from "./append-queue.ts";
import { ControllerBench, type CreateResult, type Topic } from "./testing/controller-bench.ts";

function topic(name: string, numPartitions: number): Topic {
  return makeCreateTopicsRequestCreatableTopic({ name, numPartitions, replicationFactor: 1 });
}

function createAll(bench: ControllerBench, topics: Topic[], validateOnly = false): CreateResult[] {
  return bench.call(apiKeys.CreateTopics, makeCreateTopicsRequest({ topics, validateOnly })).topics;
}

function outcomes(results: readonly { errorCode: number; errorMessage: string | null }[]): unknown[] {
  return [...new Set(results.map(({ errorCode, errorMessage }) => `${errorCode} ${errorMessage}`))];
}

function assertBatchesFit(bench: ControllerBench): void {
  for (const { records } of bench.store.entries)
    assert.ok(AppendQueue.bytesOf(records) <= META_LOG_BATCH_BYTES_MAX);
}

const manyTopics = (count: number): Topic[] => Array.from({ length: count }, (_, at) => topic(`t${at}`, 1));

test("a topic of ten thousand records is made of several appends that take effect together", () => {
  const bench = new ControllerBench();
  bench.join(1);
  const seen = new Set<number | undefined>();
  bench.loader.addPublisher({
    name: "test",
    onMetadataUpdate: (_delta, image) => {
      seen.add(image.topics.byName("large")?.partitions.length);
    },
  });
  assert.deepEqual(outcomes(createAll(bench, [topic("large", 9999)])), ["0 null"]);
  assert.deepEqual([...seen], [undefined, 9999]);
  assertBatchesFit(bench);
  assert.ok(bench.store.entries.filter(({ records }) => records.length > 1000).length > 1);
});

/** Another controller's epoch begins at the tail, whatever this one is about to append there. */
function claimByAnother({ store, controller }: ControllerBench): void {
  const claim: MetaLogEntry = {
    baseOffset: store.tail,
    lastOffset: store.tail,
    epoch: controller.epoch + 1,
    appendId: "another",
    timestampMs: 0,
    bytes: 0,
    records: [],
    opensEpoch: true,
  };
  store.entries.push(claim);
  store.tail = (store.tail + 1) as Offset;
  for (const handle of store.handles) handle.subscribers.announce(claim);
}

test("a controller that comes before the last of those appends takes the topic back", () => {
  const bench = new ControllerBench();
  for (const id of [1, 2, 3]) bench.join(id);
  const wanted = { ...topic("large", 9999), replicationFactor: 3 };
  const answers = bench.start(apiKeys.CreateTopics, makeCreateTopicsRequest({ topics: [wanted] }));
  const before = bench.store.entries.length;
  bench.world.run({ until: () => bench.store.entries.length > before });
  claimByAnother(bench);
  bench.world.run({ until: () => answers.length > 0 });
  assert.deepEqual(outcomes(answers[0]?.topics ?? []), [
    `${errors.NOT_CONTROLLER.code} ${errors.NOT_CONTROLLER.meaning}`,
  ]);
  bench.controller = bench.open();
  assert.equal(bench.image.topics.byName("large"), null);
  assert.equal(bench.create("large").errorCode, 0);
  assert.equal(bench.image.topics.byName("large")?.partitions.length, 1);
  assert.deepEqual(bench.faults, []);
});

test("a large decision is one step for everybody else, though it takes several turns", () => {
  const bench = new ControllerBench();
  bench.join(1);
  const make = (name: string, partitions: number): CreateTopicsResponse[] =>
    bench.start(apiKeys.CreateTopics, makeCreateTopicsRequest({ topics: [topic(name, partitions)] }));
  const large = make("large", 9999);
  // Decided on the state behind it, in the order in which they came.
  const again = make("large", 1);
  const grown = bench.start(
    apiKeys.CreatePartitions,
    makeCreatePartitionsRequest({ topics: [{ name: "large", count: 9999 + 600, assignments: null }] }),
  );
  const small = make("small", 1);
  const turns = bench.world.eventCount;
  const states = new Set<number | undefined>();
  while (small.length === 0) {
    states.add(bench.controller.speculativeImage.topics.byName("large")?.partitions.length);
    bench.world.run({ events: 1 });
  }
  assert.ok(bench.world.eventCount - turns > 20, "it takes turns");
  assert.deepEqual([...states], [undefined, 9999, 9999 + 600]);
  assert.deepEqual(
    [...large, ...again, ...small].flatMap(({ topics }) => topics.map((each) => each.errorCode)),
    [0, errors.TOPIC_ALREADY_EXISTS.code, 0],
  );
  assert.deepEqual(outcomes(grown[0]?.results ?? []), ["0 null"]);
  bench.awaitPublished();
  assert.equal(bench.image.topics.byName("large")?.partitions.length, 9999 + 600);
});

test("a controller that closes in the middle of a large decision makes nothing of it", () => {
  const bench = new ControllerBench();
  bench.join(1);
  const wanted = makeCreateTopicsRequest({ topics: [topic("large", 9999)] });
  const answers = [bench.start(apiKeys.CreateTopics, wanted), bench.start(apiKeys.CreateTopics, wanted)];
  const written = bench.store.entries.length;
  let isClosed = false;
  bench.controller.close(() => {
    isClosed = true;
  });
  bench.world.run({ ms: 1000 });
  assert.equal(isClosed, true);
  const codes = answers.flat().flatMap(({ topics }) => topics.map(({ errorCode }) => errorCode));
  assert.deepEqual(codes, [errors.NOT_CONTROLLER.code, errors.NOT_CONTROLLER.code]);
  assert.equal(bench.store.entries.length, written);
});

test("a request of more than ten thousand records is refused whole, by Apache Kafka's words", () => {
  const bench = new ControllerBench();
  bench.join(1);
  const code = errors.POLICY_VIOLATION.code;
  const tooMany = [`${code} Unable to perform excessively large batch operation.`];
  assert.deepEqual(outcomes(createAll(bench, [topic("a", 10_001)])), [
    `${code} Excessively large number of partitions per request.`,
  ]);
  assert.deepEqual(outcomes(createAll(bench, [topic("a", 10_000)])), tooMany);
  assert.deepEqual(outcomes(createAll(bench, manyTopics(5001))), tooMany);
  assert.deepEqual(outcomes(createAll(bench, manyTopics(5001), true)), tooMany);
  assert.equal(bench.image.topics.byName("t0"), null);
});

test("thousands of topics are made, grow and go, whatever comes between", () => {
  const bench = new ControllerBench();
  bench.join(1);
  const made = bench.start(apiKeys.CreateTopics, makeCreateTopicsRequest({ topics: manyTopics(5000) }));
  const alone = bench.create("t4000");
  bench.world.run({ until: () => made.length > 0 });
  const results = made[0]?.topics ?? [];
  assert.deepEqual(
    results.map(({ name }) => name),
    manyTopics(5000).map(({ name }) => name),
  );
  // Decided between two parts, or behind them: either way the topic is made once.
  const codes = [alone.errorCode, results[4000]?.errorCode].toSorted();
  assert.deepEqual(codes, [0, errors.TOPIC_ALREADY_EXISTS.code]);
  assert.equal(results.filter(({ errorCode }) => errorCode !== 0).length <= 1, true);
  assertBatchesFit(bench);
  const names = results.map(({ name }) => name);
  const grown = makeCreatePartitionsRequest({
    topics: names.map((name) => ({ name, count: 2, assignments: null })),
  });
  assert.deepEqual(outcomes(bench.call(apiKeys.CreatePartitions, grown).results), ["0 null"]);
  assert.equal(bench.image.topics.byName("t4999")?.partitions.length, 2);
  const gone = makeDeleteTopicsRequest({ topicNames: names });
  assert.deepEqual(outcomes(bench.call(apiKeys.DeleteTopics, gone).responses), ["0 null"]);
  assert.deepEqual([...bench.image.topics.names()], []);
});

test("topics grow by ten thousand partitions in a request; the topic that would exceed it fails alone", () => {
  const bench = new ControllerBench();
  bench.join(1);
  createAll(bench, manyTopics(3));
  const grow = (...counts: number[]): number[] => {
    const topics = counts.map((count, at) => ({ name: `t${at}`, count, assignments: null }));
    const { results } = bench.call(apiKeys.CreatePartitions, makeCreatePartitionsRequest({ topics }));
    return results.map(({ errorCode }) => errorCode);
  };
  const failed = errors.UNKNOWN_SERVER_ERROR.code;
  assert.deepEqual(grow(10_002), [failed]);
  assert.deepEqual(grow(4001, 4001, 4001), [0, 0, failed]);
  assert.deepEqual(grow(14_001), [0]);
  assert.equal(bench.image.topics.byName("t0")?.partitions.length, 14_001);
  assertBatchesFit(bench);
});
