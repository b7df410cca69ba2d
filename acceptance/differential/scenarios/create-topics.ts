// CreateTopics: counts, replication factors, assignments, configs, names, duplicates, validateOnly. Each
// scenario also looks at what came of it.
import { apiKeys, type CreateTopicsRequest, ZERO_UUID } from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.CreateTopics>;
type Creatable = CreateTopicsRequest.CreatableTopic;

function topic(name: string, fields: Partial<Creatable> = {}): Creatable {
  return { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...fields };
}

async function create(x: X, topics: Creatable[], validateOnly = false): Promise<void> {
  await x.ask({ topics, timeoutMs: 30_000, validateOnly });
}

function assignment(...partitions: readonly (readonly [number, readonly number[]])[]) {
  return partitions.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds: [...brokerIds] }));
}

async function tryConfigs(x: X, list: readonly (readonly [string, string | null])[]): Promise<void> {
  for (const [index, [name, value]] of list.entries()) {
    await create(x, [topic(x.name(`c${index}`), { configs: [{ name, value }] })]);
  }
}

async function lookAt(x: X, name: string, partitions: number): Promise<void> {
  if (partitions > 0) await x.untilReady(name, partitions);
  await x.look(
    apiKeys.Metadata,
    12,
    { topics: [{ name, topicId: ZERO_UUID }], allowAutoTopicCreation: false },
    "what came of it",
  );
}

export const createTopicsScenarios = scenariosOf(apiKeys.CreateTopics, {
  "a topic": async (x) => {
    await create(x, [topic(x.name(), { numPartitions: 3 })]);
    await lookAt(x, x.name(), 3);
  },
  "a topic that exists": async (x) => {
    const made = await x.create();
    await create(x, [topic(made.name)]);
    await create(x, [topic(made.name)], true);
  },
  "default counts": {
    from: 4,
    steps: async (x) => {
      await create(x, [topic(x.name("a"), { numPartitions: -1, replicationFactor: -1 })]);
      await lookAt(x, x.name("a"), 4);
      await create(x, [topic(x.name("b"), { numPartitions: 2, replicationFactor: -1 })]);
      await create(x, [topic(x.name("c"), { numPartitions: -1, replicationFactor: 1 })]);
    },
  },
  "default counts before version 4": {
    to: 3,
    steps: async (x) => {
      await create(x, [topic(x.name("a"), { numPartitions: -1, replicationFactor: -1 })]);
    },
  },
  "bad partition counts": async (x) => {
    for (const numPartitions of [0, -2, -2147483648, 2147483647]) {
      await create(x, [topic(x.name(`p${numPartitions}`), { numPartitions })]);
    }
  },
  "ten thousand partitions and one more, only validated": async (x) => {
    for (const numPartitions of [10_000, 10_001]) {
      await create(x, [topic(x.name(`p${numPartitions}`), { numPartitions })], true);
    }
  },
  "bad replication factors": async (x) => {
    for (const replicationFactor of [0, -2, 2, 32767]) {
      await create(x, [topic(x.name(`r${replicationFactor}`), { replicationFactor })]);
    }
  },
  "invalid names": async (x) => {
    for (const name of ["", ".", "..", "a/b", "a b", "ä", "a\u0000b", "x".repeat(250)])
      await create(x, [topic(name)]);
  },
  "a name of 249 characters": async (x) => {
    await create(x, [topic(x.name("n").padEnd(249, "x"))], true);
  },
  "names of internal topics": async (x) => {
    await create(x, [topic("__cluster_metadata")], true);
    await create(x, [topic("__consumer_offsets")], true);
  },
  "__proto__ is a name": async (x) => {
    await create(x, [topic("__proto__")], true);
    await create(x, [topic("constructor")], true);
  },
  "a name that collides by dot and underscore": async (x) => {
    await x.create("c.d");
    await create(x, [topic(x.name("c_d"))]);
    await create(x, [topic(x.name("e.f")), topic(x.name("e_f"))]);
  },
  "the same name twice": async (x) => {
    await create(x, [topic(x.name("a")), topic(x.name("b")), topic(x.name("a"))]);
    await lookAt(x, x.name("b"), 1);
  },
  "good and bad topics together": async (x) => {
    await create(x, [topic(x.name("good")), topic("a/b"), topic(x.name("bad"), { numPartitions: 0 })]);
    await lookAt(x, x.name("good"), 1);
  },
  "no topics, null topics": async (x) => {
    await create(x, []);
    await create(x, nullArray());
    await create(x, [topic(x.name("a"), { assignments: nullArray() })]);
    await create(x, [topic(x.name("a"), { configs: nullArray() })]);
  },
  "validateOnly makes nothing": async (x) => {
    await create(x, [topic(x.name(), { configs: [{ name: "retention.ms", value: "1000" }] })], true);
    await lookAt(x, x.name(), 0);
  },
  "manual assignments": async (x) => {
    const manual = { numPartitions: -1, replicationFactor: -1 };
    await create(x, [topic(x.name("a"), { ...manual, assignments: assignment([0, [1]], [1, [1]]) })]);
    await lookAt(x, x.name("a"), 2);
    await create(x, [topic(x.name("b"), { ...manual, assignments: assignment([1, [1]], [0, [1]]) })]);
  },
  "bad manual assignments": async (x) => {
    const lists = [
      assignment([0, [7]]),
      assignment([0, [1, 1]]),
      assignment([0, []]),
      assignment([1, [1]]),
      assignment([0, [1]], [0, [1]]),
      assignment([0, [1]], [2, [1]]),
      assignment([0, [1]], [1, [1, 2]]),
      assignment([-1, [1]]),
      assignment([0, [-1]]),
    ];
    for (const [index, assignments] of lists.entries()) {
      await create(x, [
        topic(x.name(`m${index}`), { numPartitions: -1, replicationFactor: -1, assignments }),
      ]);
    }
  },
  "manual assignments beside counts": async (x) => {
    const assignments = assignment([0, [1]]);
    await create(x, [topic(x.name("a"), { numPartitions: 1, replicationFactor: -1, assignments })]);
    await create(x, [topic(x.name("b"), { numPartitions: -1, replicationFactor: 1, assignments })]);
    await create(x, [topic(x.name("c"), { numPartitions: 1, replicationFactor: 1, assignments })]);
  },
  "configs are told back": async (x) => {
    const configs = [
      { name: "retention.ms", value: "86400000" },
      { name: "cleanup.policy", value: "compact,delete" },
      { name: "compression.type", value: "zstd" },
    ];
    await create(x, [topic(x.name(), { configs })]);
  },
  "unknown and malformed configs": async (x) => {
    await tryConfigs(x, [
      ["no.such.config", "1"],
      ["__proto__", "1"],
      ["", "1"],
      ["retention.ms", "abc"],
      ["retention.ms", ""],
      ["retention.ms", null],
      ["retention.ms", "-2"],
      ["retention.ms", " 5 "],
      ["retention.ms", "99999999999999999999"],
      ["retention.bytes", "-5"],
      ["segment.bytes", "1"],
      ["cleanup.policy", "shred"],
      ["cleanup.policy", ""],
      ["cleanup.policy", "compact, delete"],
      ["compression.type", "rar"],
      ["min.insync.replicas", "0"],
      ["message.timestamp.type", "Never"],
      ["min.cleanable.dirty.ratio", "1.5"],
      ["min.cleanable.dirty.ratio", "x"],
      ["preallocate", "maybe"],
      ["preallocate", "TRUE"],
      ["max.message.bytes", "-1"],
      ["index.interval.bytes", "-1"],
      ["unclean.leader.election.enable", "1"],
    ]);
  },
  "configs that need each other": async (x) => {
    const sets: [string, string][][] = [
      [
        ["min.compaction.lag.ms", "100"],
        ["max.compaction.lag.ms", "50"],
      ],
      [["remote.storage.enable", "true"]],
      [
        ["local.retention.ms", "100"],
        ["retention.ms", "50"],
      ],
      [
        ["local.retention.bytes", "100"],
        ["retention.bytes", "50"],
      ],
      [["compression.gzip.level", "99"]],
      [["compression.lz4.level", "0"]],
      [["compression.zstd.level", "-200000"]],
      [["leader.replication.throttled.replicas", "0:1,1:2"]],
      [["leader.replication.throttled.replicas", "*"]],
      [["leader.replication.throttled.replicas", "x"]],
      [["flush.messages", "0"]],
      [["segment.ms", "0"]],
      [["segment.jitter.ms", "-1"]],
      [["message.timestamp.before.max.ms", "-1"]],
    ];
    for (const [index, set] of sets.entries()) {
      const configs = set.map(([name, value]) => ({ name, value }));
      await create(x, [topic(x.name(`s${index}`), { configs })]);
    }
  },
  "the same config twice": async (x) => {
    const configs = ["1000", "2000"].map((value) => ({ name: "retention.ms", value }));
    await create(x, [topic(x.name(), { configs })]);
  },
  "a timeout that is over at once": async (x) => {
    for (const timeoutMs of [-1, 0]) await x.ask({ topics: [topic(x.name())], timeoutMs });
    await x.ask({ topics: [topic(x.name()), topic(x.name("twice")), topic(x.name("twice"))], timeoutMs: -1 });
    await x.ask({ topics: [], timeoutMs: -1 });
    await create(x, [topic(x.name())]);
  },
});
