import assert from "node:assert/strict";
import { test } from "node:test";
import type { CoordinatorLog, CoordinatorReadResult } from "@ottla/coordinator";
import { internalTopics } from "@ottla/protocol";
import { batchOf, DataPlaneBroker, topicIds } from "../testing/data-plane-broker.ts";
import { CoordinatedPartitions } from "./coordinated-partitions.ts";

const topic = internalTopics.consumerOffsets;

function coordinated(partitions = 1) {
  const on = new DataPlaneBroker();
  const events: string[] = [];
  const logs: CoordinatorLog[] = [];
  const follower = new CoordinatedPartitions({
    topic,
    partitions: on.broker.partitions,
    turn: on.node.ports.turn,
    coordinator: {
      load: (partition, epoch, log) => {
        events.push(`load ${partition} in ${epoch}`);
        logs.push(log);
      },
      unload: (partition, epoch) => events.push(`unload ${partition} of ${epoch}`),
      highWatermarkMoved: (partition, highWatermark) => events.push(`${partition} to ${highWatermark}`),
    },
  });
  on.publishers.push(follower);
  on.createTopic(topic, { partitions, replicas: [1, 2], isr: [1], id: topicIds.t as never });
  const newest = (): CoordinatorLog => logs.at(-1) as CoordinatorLog;
  const happened = (): string[] => events.splice(0);
  return { on, follower, newest, happened };
}

function append(log: CoordinatorLog, ...values: string[]): string {
  let result = "";
  log.append(batchOf(values), (outcome) => {
    result =
      outcome.kind === "refused" ? outcome.error.name : `${outcome.firstOffset} to ${outcome.lastOffset}`;
  });
  return result;
}

test("every partition that is led here is handed over once, others are not", () => {
  const { on, follower, happened } = coordinated(3);
  assert.deepEqual(happened(), ["load 0 in 0", "load 1 in 0", "load 2 in 0"]);
  on.createTopic("u");
  on.changePartition(topic, { isr: [1, 2] });
  assert.deepEqual(happened(), []);
  assert.equal(follower.counts.held, 3);
});

test("a partition goes back with its leadership, and comes again in a later epoch", () => {
  const { on, newest, happened } = coordinated();
  const former = newest();
  on.changePartition(topic, { leader: 2 });
  on.changePartition(topic, { leader: 1 });
  assert.deepEqual(happened(), ["load 0 in 0", "unload 0 of 0", "load 0 in 2"]);
  assert.equal(append(former, "late"), "NOT_LEADER_OR_FOLLOWER");
  assert.equal(append(newest(), "a", "b"), "0 to 1");
});

test("the deletion of the topic takes its partitions away", () => {
  const { on, follower, happened } = coordinated(2);
  happened();
  on.deleteTopic(topic);
  assert.deepEqual(happened(), ["unload 0 of 0", "unload 1 of 0"]);
  assert.equal(follower.counts.held, 0);
});

test("what is appended counts as committed when it is on disk, and can be read at once", () => {
  const { on, newest, happened } = coordinated();
  happened();
  const log = newest();
  assert.equal(append(log, "a", "b"), "0 to 1");
  assert.deepEqual([log.logStartOffset, log.logEndOffset, log.highWatermark], [0, 2, 0]);
  const results: CoordinatorReadResult["kind"][] = [];
  const read = (offset: number): void => {
    log.read(offset, 1_000_000, (result) => {
      results.push(result.kind);
      if (result.kind !== "batches") return;
      assert.deepEqual(
        result.bytes.map(({ length }) => length),
        [batchOf(["a", "b"]).length],
      );
      result.release();
    });
  };
  read(0);
  read(2);
  on.settle();
  assert.deepEqual(results, ["end", "batches"]);
  assert.deepEqual(happened(), ["0 to 2"]);
  assert.equal(log.highWatermark, 2);
});

test("a partition whose log failed is lost until the log is open again", () => {
  const { on, follower, newest, happened } = coordinated();
  append(newest(), "kept");
  on.settle();
  happened();
  const { storage } = on.world.host("broker-1");
  storage.onCall = ({ operation }) => (operation === "write" ? { code: "ENOSPC" } : "go");
  append(newest(), "lost");
  on.settle();
  assert.deepEqual(happened(), ["unload 0 of 0"]);
  assert.deepEqual(follower.counts, { held: 0, failed: 1 });
  follower.tick();
  assert.deepEqual(happened(), []);
  storage.onCall = null;
  on.world.run({ ms: 1000 });
  on.broker.logs.tick(on.world.nowMs);
  follower.tick();
  assert.deepEqual(happened(), ["load 0 in 0"]);
  assert.deepEqual(follower.counts, { held: 1, failed: 0 });
  assert.equal(newest().logEndOffset, 1);
});
