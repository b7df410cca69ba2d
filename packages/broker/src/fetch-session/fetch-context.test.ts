import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld, runWhole } from "@ottla/ports";
import {
  errors,
  type FetchRequest,
  makeFetchRequest,
  makeFetchRequestFetchPartition,
  makeFetchRequestFetchTopic,
  makeFetchRequestForgottenTopic,
  type Uuid,
} from "@ottla/protocol";
import type { PartitionFetch } from "../partition/partition-fetch.ts";
import { type FetchContext, type FetchOutcome, openFetchContext } from "./fetch-context.ts";
import { finalEpoch, initialEpoch, nextEpoch } from "./fetch-session.ts";
import { FetchSessionCache } from "./fetch-session-cache.ts";

const topicId = "AAAAAAAAAAAAAAAAAAAAZQ" as Uuid;

function reader(version = 12, slots = 10) {
  const world = new FakeWorld({ seed: 3 });
  const { clock, random } = world.node("one").ports;
  const cache = new FetchSessionCache({ clock, random, slots });
  const names = new Map<string, string>();
  const superseded: string[] = [];
  const open = (fields: Partial<FetchRequest>, inVersion = version): FetchContext =>
    runWhole(
      openFetchContext(cache, {
        request: makeFetchRequest(fields),
        version: inVersion,
        isFromFollower: false,
        topicName: (id) => names.get(id) ?? null,
        poll: { isSuperseded: false, supersede: () => void superseded.push("poll") },
      }),
    );
  return { cache, names, open, superseded };
}

function topics(...indexes: number[]): FetchRequest.FetchTopic[] {
  const partitions = indexes.map((partition) =>
    makeFetchRequestFetchPartition({ partition, fetchOffset: 5n, partitionMaxBytes: 100 }),
  );
  return [makeFetchRequestFetchTopic({ topic: "t", partitions })];
}

/** As if every partition was read: nothing new, high watermark 5. */
function read(
  context: FetchContext,
  change: (partition: PartitionFetch) => void = () => {},
): readonly PartitionFetch[] {
  for (const partition of context.partitions) {
    partition.reset();
    partition.highWatermark = 5;
    partition.logStartOffset = 0;
    change(partition);
  }
  return context.partitions;
}

function finish(context: FetchContext, outcomes: readonly PartitionFetch[]): FetchOutcome {
  return runWhole(context.finish(outcomes));
}

const indexes = (partitions: readonly PartitionFetch[]): number[] => partitions.map(({ index }) => index);

function openSession(from: ReturnType<typeof reader>, ...wanted: number[]): number {
  const context = from.open({ sessionEpoch: initialEpoch, topics: topics(...wanted) });
  const outcome = finish(context, read(context));
  assert.equal(outcome.error, errors.NONE);
  assert.notEqual(outcome.sessionId, 0);
  return outcome.sessionId;
}

test("a request without session is told everything and leaves nothing behind", () => {
  const from = reader();
  const context = from.open({ sessionEpoch: finalEpoch, topics: topics(0, 1) });
  const outcome = finish(context, read(context));
  assert.deepEqual(indexes(outcome.partitions), [0, 1]);
  assert.equal(outcome.sessionId, 0);
  assert.equal(from.cache.size, 0);
});

test("within a session only what changed is told, in the order of the session", () => {
  const from = reader();
  const sessionId = openSession(from, 0, 1, 2);
  const quiet = from.open({ sessionId, sessionEpoch: 1 });
  assert.deepEqual(indexes(quiet.partitions), [0, 1, 2]);
  assert.deepEqual(finish(quiet, read(quiet)).partitions, []);
  const moved = from.open({ sessionId, sessionEpoch: 2 });
  const outcome = finish(
    moved,
    read(moved, (partition) => {
      if (partition.index === 1) partition.highWatermark = 6;
      if (partition.index === 2) partition.logStartOffset = 3;
    }),
  );
  assert.deepEqual(indexes(outcome.partitions), [1, 2]);
  assert.equal(outcome.sessionId, sessionId);
});

test("a partition that gave records is served last next time", () => {
  const from = reader();
  const sessionId = openSession(from, 0, 1, 2);
  const context = from.open({ sessionId, sessionEpoch: 1 });
  finish(
    context,
    read(context, (partition) => {
      if (partition.index === 0)
        partition.slice = { parts: [new Uint8Array(3)], bytes: 3, release: () => {} };
    }),
  );
  assert.deepEqual(indexes(from.open({ sessionId, sessionEpoch: 2 }).partitions), [1, 2, 0]);
});

test("an error is told each time, and the recovery once though the high watermark did not move", () => {
  const from = reader();
  const sessionId = openSession(from, 0);
  for (const epoch of [1, 2]) {
    const failing = from.open({ sessionId, sessionEpoch: epoch });
    const told = finish(
      failing,
      read(failing, (partition) => partition.fail(errors.NOT_LEADER_OR_FOLLOWER)),
    );
    assert.deepEqual(indexes(told.partitions), [0]);
  }
  const well = from.open({ sessionId, sessionEpoch: 3 });
  assert.deepEqual(indexes(finish(well, read(well)).partitions), [0]);
  const quiet = from.open({ sessionId, sessionEpoch: 4 });
  assert.deepEqual(finish(quiet, read(quiet)).partitions, []);
});

test("partitions are added, changed and forgotten", () => {
  const from = reader();
  const sessionId = openSession(from, 0, 1);
  const change = from.open({
    sessionId,
    sessionEpoch: 1,
    topics: [
      makeFetchRequestFetchTopic({
        topic: "t",
        partitions: [
          makeFetchRequestFetchPartition({ partition: 1, fetchOffset: 9n }),
          makeFetchRequestFetchPartition({ partition: 7 }),
        ],
      }),
    ],
    forgottenTopicsData: [makeFetchRequestForgottenTopic({ topic: "t", partitions: [0, 55] })],
  });
  assert.deepEqual(indexes(change.partitions), [1, 7]);
  assert.equal(change.partitions[0]?.wish.fetchOffset, 9);
  assert.equal(from.cache.partitionCount, 2);
});

test("a session that forgets its last partition ends", () => {
  const from = reader();
  const sessionId = openSession(from, 0);
  const context = from.open({
    sessionId,
    sessionEpoch: 1,
    forgottenTopicsData: [makeFetchRequestForgottenTopic({ topic: "t", partitions: [0] })],
  });
  assert.equal(finish(context, read(context)).sessionId, 0);
  assert.equal(from.cache.size, 0);
  assert.deepEqual(from.superseded, [], "the poll that ends it is answered as one");
});

test("an unknown session and a wrong epoch are told apart, and harm no session", () => {
  const from = reader();
  const sessionId = openSession(from, 0);
  assert.equal(
    from.open({ sessionId: sessionId ^ 1, sessionEpoch: 1 }).error,
    errors.FETCH_SESSION_ID_NOT_FOUND,
  );
  for (const sessionEpoch of [2, 0x7fffffff, -2]) {
    assert.equal(from.open({ sessionId, sessionEpoch }).error, errors.INVALID_FETCH_SESSION_EPOCH);
  }
  assert.equal(from.open({ sessionId, sessionEpoch: 1 }).error, errors.NONE);
});

test("a session stays with names or with ids", () => {
  const from = reader();
  const sessionId = openSession(from, 0);
  assert.equal(from.open({ sessionId, sessionEpoch: 1 }, 13).error, errors.FETCH_SESSION_TOPIC_ID_ERROR);
});

test("a full request ends the session it names", () => {
  const from = reader();
  const first = openSession(from, 0);
  const context = from.open({ sessionId: first, sessionEpoch: initialEpoch, topics: topics(0) });
  const { sessionId } = finish(context, read(context));
  assert.notEqual(sessionId, first);
  assert.equal(from.cache.find(first), null);
  from.open({ sessionId, sessionEpoch: finalEpoch });
  assert.equal(from.cache.size, 0);
});

test("a topic whose id was unknown is found once it is known", () => {
  const from = reader(13);
  const open = from.open({
    sessionEpoch: initialEpoch,
    topics: [
      makeFetchRequestFetchTopic({ topicId, partitions: [makeFetchRequestFetchPartition({ partition: 0 })] }),
    ],
  });
  assert.equal(open.partitions[0]?.topic, null);
  const { sessionId } = finish(
    open,
    read(open, (partition) => partition.refuse(errors.UNKNOWN_TOPIC_ID)),
  );
  from.names.set(topicId, "late");
  assert.equal(from.open({ sessionId, sessionEpoch: 1 }).partitions[0]?.topic, "late");
});

test("the poll that waits in a session is superseded by the next request", () => {
  const from = reader();
  const sessionId = openSession(from, 0);
  const waiting = from.open({ sessionId, sessionEpoch: 1 });
  let superseded = 0;
  assert.ok(waiting.session);
  waiting.session.pendingPoll = {
    supersede: () => {
      superseded += 1;
    },
  };
  from.open({ sessionId, sessionEpoch: 2 });
  assert.equal(superseded, 1);
  assert.equal(finish(waiting, read(waiting)).error, errors.INVALID_FETCH_SESSION_EPOCH);
});

test("offsets beyond exact numbers are out of every range", () => {
  const from = reader();
  const context = from.open({
    sessionEpoch: finalEpoch,
    topics: [
      makeFetchRequestFetchTopic({
        topic: "t",
        partitions: [
          makeFetchRequestFetchPartition({ partition: 0, fetchOffset: 2n ** 63n - 1n }),
          makeFetchRequestFetchPartition({ partition: 1, fetchOffset: -(2n ** 63n) }),
        ],
      }),
    ],
  });
  assert.equal(context.partitions[0]?.wish.fetchOffset, Number.MAX_SAFE_INTEGER);
  assert.equal(context.partitions[1]?.wish.fetchOffset, -1);
});

test("topics with awkward names are kept apart", () => {
  const from = reader();
  const partitions = [makeFetchRequestFetchPartition({ partition: 1 })];
  const context = from.open({
    sessionEpoch: finalEpoch,
    topics: ["__proto__", "constructor", "a:1", "a"].map((topic) =>
      makeFetchRequestFetchTopic({ topic, partitions }),
    ),
  });
  assert.equal(context.partitions.length, 4);
});

test("session epochs count on and wrap to one", () => {
  assert.equal(nextEpoch(initialEpoch), 1);
  assert.equal(nextEpoch(0x7fffffff), 1);
  assert.equal(nextEpoch(finalEpoch), finalEpoch);
});
