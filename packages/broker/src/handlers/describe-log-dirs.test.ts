import assert from "node:assert/strict";
import { test } from "node:test";
import { type DescribeLogDirsRequest, errors, makeDescribeLogDirsRequest } from "@ottla/protocol";
import { denyAll } from "../authorizer/authorizer.ts";
import { batchOf, DataPlaneBroker } from "../testing/data-plane-broker.ts";
import { handleDescribeLogDirs } from "./describe-log-dirs.ts";

function ask(on: DataPlaneBroker, topics: DescribeLogDirsRequest["topics"]) {
  const { errorCode, results } = on.answered(
    on.ask(handleDescribeLogDirs, 4, makeDescribeLogDirsRequest({ topics })),
  );
  const [result] = results;
  const sizes = (result?.topics ?? []).flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, partitionSize }) => [
      `${name}-${partitionIndex}`,
      Number(partitionSize),
    ]),
  );
  return { errorCode, results, result, sizes };
}

test("each directory is told with the logs asked for, their sizes, and the room there is", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { partitions: 3 });
  const batch = batchOf(["a"]);
  on.partition("t", 1).appendAsLeader(batch, { origin: "client", requiredAcks: 1 }, () => {});
  on.settle();
  const { result, results, sizes } = ask(on, [{ topic: "t", partitions: [0, 1, 9] }]);
  assert.equal(results.length, 1);
  assert.deepEqual([result?.errorCode, result?.logDir, result?.isCordoned], [0, "/data", false]);
  assert.ok(result !== undefined && result.usableBytes > 0n && result.usableBytes <= result.totalBytes);
  assert.deepEqual(sizes, [
    ["t-0", 0],
    ["t-1", batch.length],
  ]);
  assert.equal(ask(on, null).sizes.length, 3);
  assert.deepEqual(ask(on, []).sizes, []);
});

test("a directory that is offline is named with its error", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  on.broker.logs.directories[0]?.goOffline(new Error("EIO") as never);
  const { result, sizes } = ask(on, null);
  assert.deepEqual([result?.errorCode, result?.totalBytes], [errors.KAFKA_STORAGE_ERROR.code, -1n]);
  assert.deepEqual(sizes, []);
});

test("who may not describe the cluster sees no directory", () => {
  const { errorCode, results } = ask(new DataPlaneBroker({ authorizer: denyAll }), null);
  assert.deepEqual([errorCode, results], [errors.CLUSTER_AUTHORIZATION_FAILED.code, []]);
});
