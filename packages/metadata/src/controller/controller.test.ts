// The controller from outside: what it decides, writes and answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  type BrokerRegistrationRequest,
  errors,
  makeAllocateProducerIdsRequest,
  makeBrokerRegistrationRequest,
  makeCreatePartitionsRequest,
  makeCreateTopicsRequest,
  makeCreateTopicsRequestCreatableTopic,
  makeDeleteTopicsRequest,
  makeIncrementalAlterConfigsRequest,
  ZERO_UUID,
} from "@ottla/protocol";
import { imageLines } from "../image/image-lines.ts";
import { assignment, CLUSTER, ControllerBench, type Topic, uuid } from "./testing/controller-bench.ts";

test("a new cluster starts with the bootstrap records in one transaction, and with its controller registered", () => {
  const { image, store } = new ControllerBench();
  assert.equal(image.features.metadataVersionLevel, 30);
  assert.equal(image.features.level("eligible.leader.replicas.version"), 1);
  assert.equal(image.configs.of(4, "").get("min.insync.replicas"), "1");
  const controller = image.cluster.controllers.get(1);
  assert.deepEqual(controller?.endpoints, [
    { name: "CONTROLLER", host: "localhost", port: 9093, securityProtocol: 0 },
  ]);
  assert.deepEqual(
    store.entries.map((entry) => entry.records.length),
    [0, 10],
  );
});

test("a registered broker is fenced until it has applied its registration", () => {
  const bench = new ControllerBench();
  const { epoch } = bench.register(1);
  assert.equal(BigInt(bench.image.cluster.brokers.get(1)?.epoch ?? -1), epoch);
  assert.equal(bench.image.cluster.brokers.get(1)?.fenced, true);
  const behind = bench.heartbeat(1, epoch, { metadataOffset: epoch - 1n });
  assert.deepEqual([behind.isCaughtUp, behind.isFenced], [false, true]);
  const caughtUp = bench.heartbeat(1, epoch, { metadataOffset: epoch });
  assert.deepEqual([caughtUp.isCaughtUp, caughtUp.isFenced], [true, false]);
  assert.equal(bench.image.cluster.brokers.get(1)?.fenced, false);
  assert.equal(bench.heartbeat(1, epoch + 1n).errorCode, errors.STALE_BROKER_EPOCH.code);
  assert.equal(bench.heartbeat(9, epoch).errorCode, errors.STALE_BROKER_EPOCH.code);
});

test("a topic gets its partitions, settings and answer as in Kafka", () => {
  const bench = new ControllerBench();
  bench.join(1);
  const configs = [{ name: "retention.ms", value: "3600000" }];
  const result = bench.create("parts", { numPartitions: 3, configs });
  assert.deepEqual(
    [result.errorCode, result.errorMessage, result.numPartitions, result.replicationFactor],
    [0, null, 3, 1],
  );
  const retention = result.configs?.find((config) => config.name === "retention.ms");
  assert.deepEqual([retention?.value, retention?.configSource], ["3600000", 1]);
  assert.deepEqual(
    [...(result.configs ?? [])].map(({ name }) => name),
    [...(result.configs ?? [])].map(({ name }) => name).sort(),
  );
  const topic = bench.image.topics.byName("parts");
  assert.equal(topic?.id, result.topicId);
  assert.deepEqual(topic?.partitions[2], {
    replicas: [1],
    directories: [uuid(201)],
    isr: [1],
    elr: [],
    lastKnownElr: [],
    removingReplicas: [],
    addingReplicas: [],
    leader: 1,
    leaderRecoveryState: 0,
    leaderEpoch: 0,
    partitionEpoch: 0,
  });
  assert.equal(bench.image.configs.of(2, "parts").get("retention.ms"), "3600000");
});

/** Name, request, code and message of what is refused beside a topic my.topic_a. */
const refusedTopics: readonly [string, Partial<Topic>, number, string][] = [
  ["my.topic_a", {}, errors.TOPIC_ALREADY_EXISTS.code, "Topic 'my.topic_a' already exists."],
  [
    "my_topic.a",
    {},
    errors.INVALID_TOPIC_EXCEPTION.code,
    "Topic 'my_topic.a' collides with existing topic: my.topic_a",
  ],
  ["..", {}, errors.INVALID_TOPIC_EXCEPTION.code, "Topic name is invalid: '..' is not allowed"],
  ["", {}, errors.INVALID_TOPIC_EXCEPTION.code, "Topic name is invalid: the empty string is not allowed"],
  [
    "bad!name",
    {},
    errors.INVALID_TOPIC_EXCEPTION.code,
    "Topic name is invalid: 'bad!name' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
  ],
  [
    "t",
    { replicationFactor: 3 },
    errors.INVALID_REPLICATION_FACTOR.code,
    "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only " +
      "1 broker(s) are registered or some brokers have all their log directories cordoned.",
  ],
  [
    "t",
    { numPartitions: 0 },
    errors.INVALID_PARTITIONS.code,
    "Number of partitions was set to an invalid non-positive value.",
  ],
  [
    "t",
    { replicationFactor: 0 },
    errors.INVALID_REPLICATION_FACTOR.code,
    "Replication factor must be larger than 0, or -1 to use the default value.",
  ],
  [
    "t",
    { configs: [{ name: "nosuch.config", value: "1" }] },
    errors.INVALID_CONFIG.code,
    "Unknown topic config name: nosuch.config",
  ],
  [
    "t",
    { configs: [{ name: "retention.ms", value: null }] },
    errors.INVALID_CONFIG.code,
    "Null value not supported for topic configs: retention.ms",
  ],
  [
    "t",
    assignment([7]),
    errors.INVALID_REPLICA_ASSIGNMENT.code,
    "The manual partition assignment includes broker 7, but no such broker is registered.",
  ],
  [
    "t",
    assignment([1], [1, 1]),
    errors.INVALID_REPLICA_ASSIGNMENT.code,
    "The manual partition assignment includes the broker 1 more than once.",
  ],
  [
    "t",
    { ...assignment([1]), numPartitions: 1 },
    errors.INVALID_REQUEST.code,
    "A manual partition assignment was specified, but numPartitions was not set to -1.",
  ],
  [
    "t",
    { numPartitions: 10_001 },
    errors.POLICY_VIOLATION.code,
    "Excessively large number of partitions per request.",
  ],
];

test("what Kafka refuses to create is refused in Kafka's words", () => {
  const bench = new ControllerBench();
  bench.join(1);
  assert.equal(bench.create("my.topic_a").errorCode, 0);
  for (const [name, options, code, message] of refusedTopics) {
    const { errorCode, errorMessage } = bench.create(name, options);
    assert.deepEqual([errorCode, errorMessage], [code, message]);
  }
  assert.deepEqual([...bench.image.topics.names()], ["my.topic_a"]);
});

test("a topic named like a property of every object is a topic", () => {
  const bench = new ControllerBench();
  bench.join(1);
  assert.equal(bench.create("__proto__").errorCode, 0);
  assert.equal(bench.image.topics.byName("__proto__")?.partitions.length, 1);
  assert.equal(bench.image.topics.byName("constructor"), null);
});

test("a validated topic is not created", () => {
  const bench = new ControllerBench();
  bench.join(1);
  const { errorCode, numPartitions } = bench.create("t", { numPartitions: 4 }, true);
  assert.deepEqual([errorCode, numPartitions], [0, 4]);
  assert.equal(bench.image.topics.size, 0);
});

test("topics go by name and by id, with their settings", () => {
  const bench = new ControllerBench();
  bench.join(1);
  const { topicId } = bench.create("one", { configs: [{ name: "retention.ms", value: "1" }] });
  bench.create("two");
  const topics = [
    { name: null, topicId },
    { name: "two", topicId: ZERO_UUID },
    { name: "three", topicId: ZERO_UUID },
    { name: null, topicId: uuid(9) },
  ];
  const { responses } = bench.call(apiKeys.DeleteTopics, makeDeleteTopicsRequest({ topics }));
  assert.deepEqual(
    responses.map(({ errorCode }) => errorCode),
    [0, 0, errors.UNKNOWN_TOPIC_OR_PARTITION.code, errors.UNKNOWN_TOPIC_ID.code],
  );
  assert.equal(responses[0]?.name, "one");
  assert.equal(bench.image.topics.size, 0);
  assert.equal(bench.image.configs.of(2, "one").size, 0);
  assert.notEqual(bench.create("one").topicId, topicId);
});

test("partitions are added, and Kafka's words refuse the rest", () => {
  const bench = new ControllerBench();
  bench.join(1);
  bench.create("test", { numPartitions: 3 });
  const grow = (
    count: number,
    assignments: { brokerIds: number[] }[] | null = null,
  ): [number, string | null] => {
    const request = makeCreatePartitionsRequest({ topics: [{ name: "test", count, assignments }] });
    const result = bench.call(apiKeys.CreatePartitions, request).results[0];
    return [result?.errorCode ?? -1, result?.errorMessage ?? null];
  };
  assert.deepEqual(grow(3), [errors.INVALID_PARTITIONS.code, "Topic already has 3 partition(s)."]);
  assert.deepEqual(grow(2), [
    errors.INVALID_PARTITIONS.code,
    "The topic test currently has 3 partition(s); 2 would not be an increase.",
  ]);
  assert.deepEqual(grow(5, [{ brokerIds: [1] }]), [
    errors.INVALID_REPLICA_ASSIGNMENT.code,
    "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.",
  ]);
  assert.deepEqual(grow(5), [0, null]);
  assert.equal(bench.image.topics.byName("test")?.partitions.length, 5);
});

test("settings are set, appended to, subtracted from and deleted", () => {
  const bench = new ControllerBench();
  bench.join(1);
  bench.create("t");
  const alter = (...configs: [string, number, string | null][]): [number, string | null] => {
    const resource = {
      resourceType: 2,
      resourceName: "t",
      configs: configs.map(([name, configOperation, value]) => ({ name, configOperation, value })),
    };
    const request = makeIncrementalAlterConfigsRequest({ resources: [resource] });
    const result = bench.call(apiKeys.IncrementalAlterConfigs, request).responses[0];
    return [result?.errorCode ?? -1, result?.errorMessage ?? null];
  };
  const stored = (): [string, string][] => [...bench.image.configs.of(2, "t")].sort();
  assert.deepEqual(alter(["cleanup.policy", 0, "delete"], ["retention.ms", 0, "5"]), [0, null]);
  assert.deepEqual(alter(["cleanup.policy", 2, "compact"]), [0, null]);
  assert.deepEqual(stored(), [
    ["cleanup.policy", "delete,compact"],
    ["retention.ms", "5"],
  ]);
  assert.deepEqual(alter(["cleanup.policy", 3, "delete"], ["retention.ms", 1, null]), [0, null]);
  assert.deepEqual(stored(), [["cleanup.policy", "compact"]]);
  assert.deepEqual(alter(["retention.ms", 2, "1"]), [
    errors.INVALID_CONFIG.code,
    "Can't APPEND to key retention.ms because its type is not LIST.",
  ]);
  const offset = bench.image.offset;
  assert.deepEqual(alter(["cleanup.policy", 0, "compact"]), [0, null]);
  assert.equal(bench.image.offset, offset, "saying the same again writes nothing");
});

test("settings of what does not exist, or that the cluster depends on, are refused in Kafka's words", () => {
  const bench = new ControllerBench();
  bench.join(1);
  const alter = (
    resourceType: number,
    resourceName: string,
    name: string,
    value: string | null,
  ): unknown[] => {
    const configs = [{ name, configOperation: value === null ? 1 : 0, value }];
    const request = makeIncrementalAlterConfigsRequest({
      resources: [{ resourceType, resourceName, configs }],
    });
    const result = bench.call(apiKeys.IncrementalAlterConfigs, request).responses[0];
    return [result?.errorCode, result?.errorMessage];
  };
  const { UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST, BROKER_ID_NOT_REGISTERED, INVALID_CONFIG } = errors;
  assert.deepEqual(alter(2, "nosuch", "retention.ms", "1"), [
    UNKNOWN_TOPIC_OR_PARTITION.code,
    "The topic 'nosuch' does not exist.",
  ]);
  assert.deepEqual(alter(4, "x", "log.cleaner.threads", "1"), [
    INVALID_REQUEST.code,
    "Invalid broker name x",
  ]);
  assert.deepEqual(alter(4, "7", "log.cleaner.threads", "1"), [
    BROKER_ID_NOT_REGISTERED.code,
    "No node with id 7 found.",
  ]);
  assert.deepEqual(alter(4, "", "min.insync.replicas", null), [
    INVALID_CONFIG.code,
    "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
  ]);
  assert.deepEqual(alter(4, "1", "min.insync.replicas", "2"), [
    INVALID_CONFIG.code,
    "Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
  ]);
  assert.deepEqual(alter(4, "", "log.cleaner.threads", "2"), [0, null]);
  assert.equal(bench.image.configs.of(4, "").get("log.cleaner.threads"), "2");
});

test("a process that holds the directory of a killed broker takes its place at once, another one does not", () => {
  const bench = new ControllerBench();
  const epoch = bench.join(1);
  bench.create("t");
  const stranger = bench.register(1, { incarnation: 7, directory: 8 });
  assert.equal(stranger.errorCode, errors.DUPLICATE_BROKER_REGISTRATION.code);
  const again = bench.register(1, { incarnation: 9, previousEpoch: epoch });
  assert.equal(again.errorCode, 0);
  assert.ok(again.epoch > epoch);
  const leaderless = bench.image.topics.byName("t")?.partitions[0];
  assert.deepEqual([leaderless?.leader, leaderless?.isr, leaderless?.elr], [-1, [], [1]]);
  assert.equal(bench.heartbeat(1, again.epoch).isFenced, false);
  const led = bench.image.topics.byName("t")?.partitions[0];
  assert.deepEqual(
    [led?.leader, led?.isr, led?.elr, led?.leaderEpoch, led?.leaderRecoveryState],
    [1, [1], [], 2, 0],
  );
});

test("a broker without directories is told so before anything of its features", () => {
  const bench = new ControllerBench();
  const ask = (fields: Partial<BrokerRegistrationRequest>): number => {
    const request = { brokerId: 9, clusterId: CLUSTER, incarnationId: uuid(7), ...fields };
    return bench.call(apiKeys.BrokerRegistration, makeBrokerRegistrationRequest(request)).errorCode;
  };
  const features = [{ name: "metadata.version", minSupportedVersion: 1, maxSupportedVersion: 1 }];
  assert.equal(ask({ features }), errors.INVALID_REGISTRATION.code);
  assert.equal(ask({ features, logDirs: [uuid(8)] }), errors.UNSUPPORTED_VERSION.code);
});

test("a broker that may have lost data leads again only as the last leader known", () => {
  const bench = new ControllerBench();
  bench.join(1);
  bench.create("t");
  const again = bench.register(1, { incarnation: 9, previousEpoch: -1n });
  const waiting = bench.image.topics.byName("t")?.partitions[0];
  assert.deepEqual([waiting?.leader, waiting?.isr, waiting?.elr, waiting?.lastKnownElr], [-1, [], [], [1]]);
  bench.heartbeat(1, again.epoch);
  const led = bench.image.topics.byName("t")?.partitions[0];
  assert.deepEqual([led?.leader, led?.isr, led?.leaderRecoveryState, led?.lastKnownElr], [1, [1], 1, []]);
});

test("a controlled shutdown gives leaderships away before the broker may leave", () => {
  const bench = new ControllerBench();
  const epoch = bench.join(1);
  bench.create("t");
  const first = bench.heartbeat(1, epoch, { wantShutDown: true });
  assert.deepEqual([first.isFenced, first.shouldShutDown], [false, false]);
  assert.equal(bench.image.cluster.brokers.get(1)?.inControlledShutdown, true);
  assert.equal(bench.image.topics.byName("t")?.partitions[0]?.leader, -1);
  const second = bench.heartbeat(1, epoch, { wantShutDown: true });
  assert.deepEqual([second.isFenced, second.shouldShutDown], [true, true]);
  assert.equal(bench.image.cluster.brokers.get(1)?.fenced, true);
});

test("a silent broker is fenced when its session is over, and its followers lead", () => {
  const bench = new ControllerBench();
  const epochs = [1, 2, 3].map((id) => bench.join(id));
  bench.create("t", { numPartitions: 6, replicationFactor: 3 });
  bench.world.run({ ms: 8000 });
  for (const id of [2, 3]) bench.heartbeat(id, epochs[id - 1] as bigint);
  bench.controller.tick(bench.ports.clock.monotonicMs());
  assert.equal(bench.image.cluster.brokers.get(1)?.fenced, false);
  bench.world.run({ ms: 2000 });
  bench.controller.tick(bench.ports.clock.monotonicMs());
  bench.world.run({ until: () => bench.image.cluster.brokers.get(1)?.fenced === true });
  for (const partition of bench.image.topics.byName("t")?.partitions ?? []) {
    assert.ok([2, 3].includes(partition.leader));
    assert.deepEqual([...partition.isr].sort(), [2, 3]);
    assert.deepEqual(partition.elr, [], "the in-sync replicas are still enough");
  }
});

test("replicas of a partition lie in different racks, and leaders are spread", () => {
  const bench = new ControllerBench();
  for (const [id, rack] of [
    [1, "a"],
    [2, "a"],
    [3, "b"],
    [4, "b"],
    [5, "c"],
    [6, "c"],
  ] as const)
    bench.join(id, rack);
  bench.create("t", { numPartitions: 30, replicationFactor: 3 });
  const leaders = new Map<number, number>();
  for (const { replicas, leader } of bench.image.topics.byName("t")?.partitions ?? []) {
    assert.equal(new Set(replicas.map((id) => Math.ceil(id / 2))).size, 3);
    leaders.set(leader, (leaders.get(leader) ?? 0) + 1);
  }
  for (const count of leaders.values()) assert.ok(count >= 3 && count <= 7, `${count} of 30`);
});

test("producer ids come in blocks that no one else gets, also after a new controller", () => {
  const bench = new ControllerBench();
  const brokerEpoch = bench.join(1);
  const allocate = (): bigint => {
    const request = makeAllocateProducerIdsRequest({ brokerId: 1, brokerEpoch });
    const { errorCode, producerIdStart, producerIdLen } = bench.call(apiKeys.AllocateProducerIds, request);
    assert.deepEqual([errorCode, producerIdLen], [0, 1000]);
    return producerIdStart;
  };
  assert.deepEqual([allocate(), allocate()], [0n, 1000n]);
  bench.controller = bench.open();
  assert.equal(allocate(), 2000n);
});

test("decisions made while an append is in flight build on each other and leave together", () => {
  const bench = new ControllerBench();
  bench.join(1);
  const before = bench.store.entries.length;
  const topic = (name: string): Topic =>
    makeCreateTopicsRequestCreatableTopic({ name, numPartitions: 1, replicationFactor: 1 });
  const answers = ["a", "b", "a", "c"].map((name) =>
    bench.start(apiKeys.CreateTopics, makeCreateTopicsRequest({ topics: [topic(name)] })),
  );
  assert.deepEqual(
    answers.map((responses) => responses.length),
    [0, 0, 0, 0],
  );
  bench.world.run({ until: () => answers.every((responses) => responses.length > 0) });
  const codes = answers.map((responses) => responses[0]?.topics[0]?.errorCode);
  assert.deepEqual(codes, [0, 0, errors.TOPIC_ALREADY_EXISTS.code, 0]);
  assert.equal(bench.store.entries.length - before, 2);
});

test("publishers have the image before the answer leaves", () => {
  const bench = new ControllerBench();
  bench.join(1);
  let known: boolean | null = null;
  const topics = [
    makeCreateTopicsRequestCreatableTopic({ name: "t", numPartitions: 1, replicationFactor: 1 }),
  ];
  const context = { apiKey: apiKeys.CreateTopics, apiVersion: 7, principal: "User:a", clientId: null };
  bench.controller.submit(context, makeCreateTopicsRequest({ topics }), () => {
    known = bench.image.topics.byName("t") !== null;
  });
  bench.world.run({ until: () => known !== null });
  assert.equal(known, true);
});

test("an append whose answer is lost is found again and counts once", () => {
  const bench = new ControllerBench();
  bench.join(1);
  for (const fault of ["applied-unknown", "lost-unknown"] as const) {
    bench.store.nextFault = fault;
    assert.equal(bench.create(`t-${fault}`).errorCode, 0);
  }
  assert.deepEqual([...bench.image.topics.names()].sort(), ["t-applied-unknown", "t-lost-unknown"]);
  assert.deepEqual(bench.faults, []);
});

test("a controller that was overtaken takes its decisions back and answers NOT_CONTROLLER", () => {
  const bench = new ControllerBench();
  bench.join(1);
  const old = bench.controller;
  const lines = imageLines(old.speculativeImage);
  bench.open();
  const topics = [
    makeCreateTopicsRequestCreatableTopic({ name: "t", numPartitions: 1, replicationFactor: 1 }),
  ];
  const answer = bench.start(apiKeys.CreateTopics, makeCreateTopicsRequest({ topics }));
  assert.equal(old.speculativeImage.topics.size, 1);
  bench.world.run({ until: () => answer.length > 0 });
  assert.equal(answer[0]?.topics[0]?.errorCode, errors.NOT_CONTROLLER.code);
  assert.deepEqual(imageLines(old.speculativeImage), lines);
  assert.equal(old.isActive, false);
  assert.equal(bench.resignations.length, 1);
  assert.equal(bench.image.topics.size, 0);
  const next = bench.start(apiKeys.CreateTopics, makeCreateTopicsRequest({ topics }));
  assert.equal(next[0]?.topics[0]?.errorCode, errors.NOT_CONTROLLER.code);
});

test("a cluster of an old metadata.version gets records of that version", () => {
  const bench = new ControllerBench({}, "3.6");
  bench.join(1);
  bench.create("t");
  assert.equal(bench.image.features.metadataVersionLevel, 14);
  assert.equal(bench.image.cluster.controllers.size, 0);
  assert.equal(bench.image.cluster.brokers.get(1)?.directories.length, 0);
  const epoch = BigInt(bench.image.cluster.brokers.get(1)?.epoch ?? -1);
  bench.heartbeat(1, epoch, { wantFence: true });
  const partition = bench.image.topics.byName("t")?.partitions[0];
  assert.deepEqual(
    [partition?.leader, partition?.isr],
    [-1, [1]],
    "without ELR the last in-sync replica stays",
  );
});

test("the controller's image is the image of every node that follows the log", () => {
  const bench = new ControllerBench();
  const epoch = bench.join(1);
  for (let index = 0; index < 30; index += 1)
    bench.create(`topic.${index}`, { numPartitions: 1 + (index % 5) });
  const topics = ["topic.3", "topic.4"].map((name) => ({ name, topicId: ZERO_UUID }));
  bench.call(apiKeys.DeleteTopics, makeDeleteTopicsRequest({ topics }));
  bench.heartbeat(1, epoch, { wantFence: true });
  bench.heartbeat(1, epoch);
  assert.deepEqual(imageLines(bench.image), imageLines(bench.controller.speculativeImage));
  const fresh = bench.open();
  assert.deepEqual(
    imageLines(fresh.speculativeImage).filter((line) => !line.startsWith("RegisterController")),
    imageLines(bench.image).filter((line) => !line.startsWith("RegisterController")),
  );
});
