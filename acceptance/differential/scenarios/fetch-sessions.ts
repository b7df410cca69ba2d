// Fetch sessions (KIP-227): opening, increments, forgotten partitions, wrong ids and epochs.
import { apiKeys, type FetchRequest, ZERO_UUID } from "@ottla/protocol";
import { batch } from "../batches.ts";
import type { CreatedTopic, Exchange } from "../exchange.ts";
import { type BoundSteps, scenariosOf } from "../scenario.ts";
import { from, plain, topicOf, unknownTopic } from "./fetch.ts";

type X = Exchange<typeof apiKeys.Fetch>;

function since7(steps: (x: X) => Promise<void>): BoundSteps<typeof apiKeys.Fetch> {
  return { from: 7, steps };
}

async function open(x: X, topic: CreatedTopic, partitions: FetchRequest.FetchPartition[]): Promise<number> {
  const answer = await x.ask(plain({ sessionEpoch: 0, topics: [topicOf(x, topic, partitions)] }), "open");
  return answer?.sessionId ?? 0;
}

async function next(x: X, sessionId: number, sessionEpoch: number, fields: Partial<FetchRequest> = {}) {
  return await x.ask(plain({ sessionId, sessionEpoch, ...fields }));
}

function forgotten(x: X, topic: CreatedTopic, partitions: number[]): FetchRequest.ForgottenTopic[] {
  return x.version >= 13
    ? [{ topic: "", topicId: topic.id, partitions }]
    : [{ topic: topic.name, topicId: ZERO_UUID, partitions }];
}

export const fetchSessionScenarios = scenariosOf(apiKeys.Fetch, {
  "a session answers what changed": since7(async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const id = await open(x, topic, [from(0n), from(0n, { partition: 1 })]);
    await next(x, id, 1);
    await x.produce(topic, batch(1, x.nowMs), 1);
    await next(x, id, 2);
    await next(x, id, 3, { topics: [topicOf(x, topic, [from(1n, { partition: 1 })])] });
    await next(x, id, 4);
  }),
  "data that was not read comes again": since7(async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(2, x.nowMs));
    const id = await open(x, topic, [from(0n)]);
    await next(x, id, 1);
    await next(x, id, 2);
  }),
  "a wrong epoch, then the right one": since7(async (x) => {
    const topic = await x.create();
    const id = await open(x, topic, [from(0n)]);
    await next(x, id, 5);
    await next(x, id, 1);
    await next(x, id, 1);
    await next(x, id, -5);
  }),
  "a session that does not exist": since7(async (x) => {
    await next(x, 123456789, 1);
    await next(x, -1, 1);
    await next(x, 0, 1);
  }),
  "closing a session": since7(async (x) => {
    const topic = await x.create();
    const id = await open(x, topic, [from(0n)]);
    await next(x, id, -1);
    await next(x, id, 1);
  }),
  "a full fetch with a session id opens another session": since7(async (x) => {
    const topic = await x.create();
    const id = await open(x, topic, [from(0n)]);
    await next(x, id, 0, { topics: [topicOf(x, topic, [from(0n)])] });
    await next(x, id, 1);
  }),
  "forgotten partitions are left out": since7(async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    await x.produce(topic, batch(1, x.nowMs), 0);
    await x.produce(topic, batch(1, x.nowMs), 1);
    const id = await open(x, topic, [from(0n), from(0n, { partition: 1 })]);
    await next(x, id, 1, { forgottenTopicsData: forgotten(x, topic, [0]) });
    await next(x, id, 2, { forgottenTopicsData: forgotten(x, topic, [1]) });
    await next(x, id, 3);
  }),
  "forgetting what was never there": since7(async (x) => {
    const topic = await x.create();
    const id = await open(x, topic, [from(0n)]);
    await next(x, id, 1, { forgottenTopicsData: forgotten(x, unknownTopic, [0, 4]) });
    await next(x, id, 2, { forgottenTopicsData: forgotten(x, topic, [9, -1]) });
  }),
  "forgotten partitions without a session": since7(async (x) => {
    const topic = await x.create();
    await x.ask(
      plain({ topics: [topicOf(x, topic, [from(0n)])], forgottenTopicsData: forgotten(x, topic, [0]) }),
    );
  }),
  "added and forgotten in one request": since7(async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const id = await open(x, topic, [from(0n)]);
    const topics = [topicOf(x, topic, [from(0n, { partition: 1 })])];
    await next(x, id, 1, { topics, forgottenTopicsData: forgotten(x, topic, [0]) });
    await next(x, id, 2, { topics, forgottenTopicsData: forgotten(x, topic, [1]) });
    await next(x, id, 3);
  }),
  "an error is told again": since7(async (x) => {
    const topic = await x.create();
    const id = await open(x, topic, [from(5n)]);
    await next(x, id, 1);
    await next(x, id, 2, { topics: [topicOf(x, topic, [from(0n)])] });
    await next(x, id, 3);
  }),
  "an unknown topic in a session": since7(async (x) => {
    const topic = await x.create();
    const answer = await x.ask(
      plain({
        sessionEpoch: 0,
        topics: [topicOf(x, topic, [from(0n)]), topicOf(x, unknownTopic, [from(0n)])],
      }),
    );
    await next(x, answer?.sessionId ?? 0, 1);
  }),
  "a session without partitions": since7(async (x) => {
    const answer = await x.ask(plain({ sessionEpoch: 0, topics: [] }));
    await next(x, answer?.sessionId ?? 0, 1);
  }),
  "a topic that is deleted and made anew during a session": since7(async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(1, x.nowMs));
    const id = await open(x, topic, [from(0n)]);
    await x.call(apiKeys.DeleteTopics, 5, { topicNames: [topic.name], timeoutMs: 10_000 });
    await x.settle();
    await next(x, id, 1);
    await next(x, id, 2);
  }),
  "a session of ids met by names, and the other way round": {
    from: 13,
    steps: async (x) => {
      const topic = await x.create();
      const id = await open(x, topic, [from(0n)]);
      const named = { topic: topic.name, topicId: ZERO_UUID, partitions: [from(0n)] };
      await x.look(apiKeys.Fetch, 12, plain({ sessionId: id, sessionEpoch: 1, topics: [named] }));
      const opened = await x.look(apiKeys.Fetch, 12, plain({ sessionEpoch: 0, topics: [named] }));
      await next(x, opened?.sessionId ?? 0, 1, { topics: [topicOf(x, topic, [from(0n)])] });
    },
  },
});
