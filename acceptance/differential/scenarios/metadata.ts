// Metadata: all topics, some, none, by name and by id; automatic creation; authorised operations.
import { apiKeys, type MetadataRequest, type Uuid, ZERO_UUID } from "@ottla/protocol";
import { scenariosOf } from "../scenario.ts";

function named(...names: string[]): MetadataRequest.MetadataRequestTopic[] {
  return names.map((name) => ({ name, topicId: ZERO_UUID }));
}

function byId(...ids: Uuid[]): MetadataRequest.MetadataRequestTopic[] {
  return ids.map((topicId) => ({ name: null, topicId }));
}

const unknownId = "bm8tc3VjaC10b3BpYy0wMQ" as Uuid;
/** Versions that can say so ask that nothing is created. */
function quiet(version: number): Partial<MetadataRequest> {
  return version >= 4 ? { allowAutoTopicCreation: false } : {};
}

export const metadataScenarios = scenariosOf(apiKeys.Metadata, {
  "a topic": async (x) => {
    const topic = await x.create("t", { partitions: 3 });
    await x.ask({ topics: named(topic.name) });
  },
  "no topics": async (x) => {
    // Version 0 takes an empty array for all topics.
    if (x.version > 0) await x.ask({ topics: [] });
    else await x.ask({ topics: named("a/b") });
  },
  "all topics": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const answer = await x.call(apiKeys.Metadata, x.version, { topics: x.version === 0 ? [] : null });
    // Other scenarios have topics too: only our own is looked at.
    const mine = answer.topics.filter(({ name }) => name === topic.name);
    x.observations.push({ label: "our topic", kind: "answered", value: { topics: mine } });
  },
  "two topics, one of them twice": async (x) => {
    const first = await x.create("a");
    const second = await x.create("b");
    await x.ask({ topics: named(first.name, second.name, first.name) });
  },
  "an unknown topic that is not created": {
    from: 4,
    steps: async (x) => {
      await x.ask({ topics: named(x.name("none")), ...quiet(x.version) });
    },
  },
  "an unknown topic is created on the way": async (x) => {
    const name = x.name("auto");
    await x.ask({ topics: named(name) }, "first answer");
    await x.untilReady(name, 4);
    await x.ask({ topics: named(name) }, "later answer");
  },
  "several unknown topics are created on the way": {
    from: 9,
    steps: async (x) => {
      const names = ["p", "q", "r"].map((label) => x.name(label));
      await x.ask({ topics: named(...names) }, "first answer");
      for (const name of names) await x.untilReady(name, 4);
      await x.ask({ topics: named(...names) }, "later answer");
    },
  },
  "invalid names": async (x) => {
    for (const name of ["", "..", ".", "a/b", "a b", "ä", "x".repeat(250)])
      await x.ask({ topics: named(name) });
  },
  "invalid names without creation": {
    from: 4,
    steps: async (x) => {
      for (const name of ["", "..", "a/b", "__proto__", "x".repeat(250)]) {
        await x.ask({ topics: named(name), ...quiet(x.version) });
      }
    },
  },
  "a name of 249 characters": async (x) => {
    const name = x.name("n").padEnd(249, "x");
    await x.ask({ topics: named(name) });
  },
  "names that collide with a topic by dot and underscore": async (x) => {
    await x.create("c.d");
    await x.ask({ topics: named(x.name("c_d")) });
  },
  "authorised operations": {
    from: 8,
    steps: async (x) => {
      const topic = await x.create();
      await x.ask({ topics: named(topic.name), includeTopicAuthorizedOperations: true });
      if (x.version <= 10) {
        await x.ask({ topics: named(topic.name), includeClusterAuthorizedOperations: true });
      }
      await x.ask({
        topics: named(x.name("none")),
        includeTopicAuthorizedOperations: true,
        ...quiet(x.version),
      });
    },
  },
  "topic ids": {
    from: 10,
    steps: async (x) => {
      const topic = await x.create();
      const other = await x.create("u");
      await x.ask({ topics: byId(topic.id) });
      await x.ask({ topics: byId(unknownId) });
      await x.ask({ topics: byId(topic.id, unknownId, other.id) });
      await x.ask({ topics: byId(ZERO_UUID) });
      await x.ask({ topics: [{ name: other.name, topicId: topic.id }] });
      await x.ask({ topics: [{ name: "d-nobody", topicId: topic.id }] });
    },
  },
  "names and ids together": {
    from: 10,
    steps: async (x) => {
      const topic = await x.create();
      const other = await x.create("u");
      await x.ask({ topics: [...named(other.name), ...byId(topic.id)] });
    },
  },
  "a null name before it is allowed": {
    from: 10,
    to: 11,
    steps: async (x) => {
      await x.ask({ topics: [{ name: null, topicId: ZERO_UUID }] });
    },
  },
  "internal topics": async (x) => {
    await x.ask({ topics: named("__cluster_metadata"), ...quiet(x.version) });
  },
});
