import assert from "node:assert/strict";
import { test } from "node:test";
import { errors, makeAlterReplicaLogDirsRequest, makeDescribeLogDirsRequest } from "@ottla/protocol";
import { denyAll } from "../authorizer/authorizer.ts";
import { batchOf, DataPlaneBroker } from "../testing/data-plane-broker.ts";
import { handleAlterReplicaLogDirs } from "./alter-replica-log-dirs.ts";
import { handleDescribeLogDirs } from "./describe-log-dirs.ts";

const settings = { "log.dirs": "/data,/more" };

type Wish = readonly [path: string, topic: string, ...partitions: number[]];

/** Error names by partition. */
function alter(on: DataPlaneBroker, ...wishes: readonly Wish[]): Record<string, string> {
  const dirs = wishes.map(([path, name, ...partitions]) => ({ path, topics: [{ name, partitions }] }));
  const request = makeAlterReplicaLogDirsRequest({ dirs });
  const { results } = on.answered(on.ask(handleAlterReplicaLogDirs, 2, request));
  const told: Record<string, string> = {};
  for (const { topicName, partitions } of results) {
    for (const { partitionIndex, errorCode } of partitions) {
      const name = Object.values(errors).find(({ code }) => code === errorCode)?.name ?? String(errorCode);
      told[`${topicName}-${partitionIndex}`] = name;
    }
  }
  return told;
}

/** `path: partition lag`, copies with a star. */
function describe(on: DataPlaneBroker): string[] {
  const { results } = on.answered(
    on.ask(handleDescribeLogDirs, 5, makeDescribeLogDirsRequest({ topics: null })),
  );
  return results.flatMap(({ logDir, topics, isCordoned }) =>
    topics.flatMap(({ name, partitions }) =>
      partitions.map(
        ({ partitionIndex, offsetLag, isFutureKey }) =>
          `${logDir}${isCordoned ? " (cordoned)" : ""}: ${name}-${partitionIndex}${isFutureKey ? "*" : ""} ${offsetLag}`,
      ),
    ),
  );
}

function append(on: DataPlaneBroker, topic = "t"): string {
  let kind = "";
  on.partition(topic).appendAsLeader(batchOf(["a"]), { origin: "client", requiredAcks: 1 }, (outcome) => {
    kind = outcome.kind === "refused" ? outcome.error.name : outcome.kind;
  });
  return kind;
}

test("a replica moves to the other directory while its partition takes records", () => {
  const on = new DataPlaneBroker({ settings });
  on.createTopic("t");
  append(on);
  on.settle();
  assert.deepEqual(alter(on, ["/more", "t", 0]), { "t-0": "NONE" });
  assert.match(describe(on).join(), /^\/data: t-0 0,\/more: t-0\* [01]$/);
  assert.equal(append(on), "appended");
  on.settle();
  assert.deepEqual(describe(on), ["/more: t-0 0"]);
  assert.equal(append(on), "appended");
  on.settle();
  assert.equal(on.partition().log?.directory, "/more");
  assert.equal(on.partition().log?.highWatermark, 3);
});

test("what cannot be moved is told why", () => {
  const on = new DataPlaneBroker({ settings });
  on.createTopic("t");
  on.createTopic("u", { replicas: [2], leader: 2 });
  const long = "x".repeat(240);
  assert.deepEqual(
    alter(on, ["/more", "nope", 0], ["/more", "u", 0], ["/none", "t", 0], ["/none", long, 0]),
    {
      "nope-0": "UNKNOWN_TOPIC_OR_PARTITION",
      "u-0": "REPLICA_NOT_AVAILABLE",
      "t-0": "LOG_DIR_NOT_FOUND",
      [`${long}-0`]: "INVALID_TOPIC_EXCEPTION",
    },
  );
  assert.deepEqual(alter(on), {});
  assert.deepEqual(alter(on, ["/more", "t"]), {});
  assert.deepEqual(alter(on, ["/none", "t", 0], ["/data", "t", 0, 0]), { "t-0": "NONE" });
  assert.deepEqual(describe(on), ["/data: t-0 0"]);
  on.broker.logs.directoryAt("/more")?.goOffline(new Error("EIO") as never);
  assert.deepEqual(alter(on, ["/more", "t", 0]), { "t-0": "KAFKA_STORAGE_ERROR" });
  const denied = new DataPlaneBroker({ settings, authorizer: denyAll });
  assert.deepEqual(alter(denied, ["/more", "t", 0, 0, 1]), {
    "t-0": "CLUSTER_AUTHORIZATION_FAILED",
    "t-1": "CLUSTER_AUTHORIZATION_FAILED",
  });
});

test("a directory wished for a partition that is not there yet is where it is made", () => {
  const on = new DataPlaneBroker({ settings });
  for (const path of ["/data", "/more"]) {
    const topic = path === "/data" ? "t" : "u";
    assert.deepEqual(alter(on, [path, topic, 0, 1, 2]), {
      [`${topic}-0`]: "UNKNOWN_TOPIC_OR_PARTITION",
      [`${topic}-1`]: "UNKNOWN_TOPIC_OR_PARTITION",
      [`${topic}-2`]: "UNKNOWN_TOPIC_OR_PARTITION",
    });
    on.createTopic(topic, { partitions: 3, directory: null });
  }
  assert.deepEqual(
    describe(on),
    [0, 1, 2].map((index) => `/data: t-${index} 0`).concat([0, 1, 2].map((index) => `/more: u-${index} 0`)),
  );
});

test("new partitions go where the fewest are, and never into a cordoned directory", () => {
  const on = new DataPlaneBroker({ settings });
  on.createTopic("t", { partitions: 4, directory: null });
  assert.equal(describe(on).filter((line) => line.startsWith("/more")).length, 2);
  on.setBrokerConfig("cordoned.log.dirs", "/more");
  on.createTopic("u", { partitions: 2, directory: null });
  assert.deepEqual(
    describe(on).filter((line) => line.includes("u-")),
    ["/data: u-0 0", "/data: u-1 0"],
  );
  assert.ok(describe(on).includes("/more (cordoned): t-1 0"));
  assert.deepEqual(alter(on, ["/more", "u", 0], ["/more", "nope", 0]), {
    "u-0": "INVALID_REPLICA_ASSIGNMENT",
    "nope-0": "INVALID_REPLICA_ASSIGNMENT",
  });
  on.setBrokerConfig("cordoned.log.dirs", "*");
  assert.deepEqual(alter(on, ["/data", "u", 0]), { "u-0": "INVALID_REPLICA_ASSIGNMENT" });
});

test("a directory that goes offline takes its partitions along, and leaves the others", () => {
  const on = new DataPlaneBroker({ settings });
  on.createTopic("t", { partitions: 2, directory: null });
  const first = on.partition("t", 0).log;
  const second = on.partition("t", 1).log;
  assert.notEqual(first?.directory, second?.directory);
  on.broker.logs.directoryAt(first?.directory ?? "")?.goOffline(new Error("EIO") as never);
  assert.equal(append(on), "KAFKA_STORAGE_ERROR");
  assert.equal(second?.isWritable, true);
  on.createTopic("u", { partitions: 2, directory: null });
  assert.equal(on.partition("u", 1).log?.directory, second?.directory);
});
