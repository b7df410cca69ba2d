// DeleteTopics: by name and by id, unknown, twice, both names, and what remains.
import { apiKeys, type DeleteTopicsRequest, type Uuid, ZERO_UUID } from "@ottla/protocol";
import type { CreatedTopic, Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.DeleteTopics>;
const unknownId = "bm8tc3VjaC10b3BpYy0wMQ" as Uuid;

/** Names as this version carries them. */
function byNames(x: X, ...names: string[]): Partial<DeleteTopicsRequest> {
  return x.version >= 6
    ? { topics: names.map((name) => ({ name, topicId: ZERO_UUID })), timeoutMs: 30_000 }
    : { topicNames: names, timeoutMs: 30_000 };
}

async function lookAt(x: X, topic: CreatedTopic): Promise<void> {
  await x.settle();
  await x.look(
    apiKeys.Metadata,
    12,
    { topics: [{ name: topic.name, topicId: ZERO_UUID }], allowAutoTopicCreation: false },
    "what remains",
  );
}

export const deleteTopicsScenarios = scenariosOf(apiKeys.DeleteTopics, {
  "a timeout that is over at once": async (x) => {
    const topic = await x.create();
    for (const timeoutMs of [-1, 0]) await x.ask({ ...byNames(x, topic.name), timeoutMs });
    await x.ask({ ...byNames(x, "d-nobody-made-this"), timeoutMs: -1 });
    await lookAt(x, topic);
  },
  "a topic, and then once more": async (x) => {
    const topic = await x.create();
    await x.ask(byNames(x, topic.name));
    await lookAt(x, topic);
    await x.ask(byNames(x, topic.name));
  },
  "unknown and invalid names": async (x) => {
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__", "x".repeat(250)]) {
      await x.ask(byNames(x, name));
    }
  },
  "known and unknown together": async (x) => {
    const topic = await x.create();
    await x.ask(byNames(x, "d-nobody-made-this", topic.name));
    await lookAt(x, topic);
  },
  "the same name twice": async (x) => {
    const topic = await x.create();
    await x.ask(byNames(x, topic.name, topic.name));
    await lookAt(x, topic);
  },
  "the same unknown name twice": async (x) => {
    await x.ask(byNames(x, "d-nobody-made-this", "d-nobody-made-this"));
  },
  "no topics": async (x) => {
    await x.ask(byNames(x));
  },
  "null topics": async (x) => {
    await x.ask(x.version >= 6 ? { topics: nullArray() } : { topicNames: nullArray() });
  },
  ids: {
    from: 6,
    steps: async (x) => {
      const topic = await x.create();
      const topics = [unknownId, ZERO_UUID, topic.id].map((topicId) => ({ name: null, topicId }));
      for (const one of topics) await x.ask({ topics: [one], timeoutMs: 30_000 });
      await lookAt(x, topic);
    },
  },
  "the same id twice": {
    from: 6,
    steps: async (x) => {
      const topic = await x.create();
      const one = { name: null, topicId: topic.id };
      await x.ask({ topics: [one, one], timeoutMs: 30_000 });
      await lookAt(x, topic);
    },
  },
  "a name and an id of one topic": {
    from: 6,
    steps: async (x) => {
      const topic = await x.create();
      await x.ask({ topics: [{ name: topic.name, topicId: topic.id }], timeoutMs: 30_000 });
      const topics = [
        { name: topic.name, topicId: ZERO_UUID },
        { name: null, topicId: topic.id },
      ];
      await x.ask({ topics, timeoutMs: 30_000 });
      await lookAt(x, topic);
    },
  },
  "internal topics": async (x) => {
    await x.ask(byNames(x, "__cluster_metadata"));
  },
});
