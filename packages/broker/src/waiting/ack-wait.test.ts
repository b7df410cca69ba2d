import assert from "node:assert/strict";
import { test } from "node:test";
import { type ErrorSpec, errors, type Offset } from "@ottla/protocol";
import { AckQueue, AckWait } from "./ack-wait.ts";

class Noted extends AckWait {
  outcome: ErrorSpec | null = null;
  override settled(error: ErrorSpec): void {
    assert.equal(this.outcome, null);
    assert.equal(this.list, null);
    this.outcome = error;
  }
}

function waits(queue: AckQueue, kind: "written" | "replicated", offsets: number[]): Noted[] {
  return offsets.map((offset) => {
    const wait = new Noted(offset as Offset);
    queue.add(kind, wait);
    return wait;
  });
}

test("acks=1 follows the written end and acks=all the high watermark", () => {
  const queue = new AckQueue();
  const [written] = waits(queue, "written", [10]);
  const [replicated] = waits(queue, "replicated", [10]);
  queue.advance(9, 9, errors.NONE);
  assert.equal(queue.size, 2);
  queue.advance(10, 9, errors.NONE);
  assert.equal(written?.outcome, errors.NONE);
  assert.equal(replicated?.outcome, null);
  queue.advance(10, 10, errors.NONE);
  assert.equal(replicated?.outcome, errors.NONE);
  assert.equal(queue.size, 0);
});

test("the retry of an older batch is settled with its own offset, not behind newer ones", () => {
  const queue = new AckQueue();
  const [newer, older, newest] = waits(queue, "replicated", [20, 10, 30]);
  queue.advance(30, 15, errors.NONE);
  assert.equal(older?.outcome, errors.NONE);
  assert.equal(newer?.outcome, null);
  queue.advance(30, 30, errors.NONE);
  assert.equal(newest?.outcome, errors.NONE);
});

test("a wait that unlinked itself is not settled", () => {
  const queue = new AckQueue();
  const [first, second] = waits(queue, "replicated", [1, 2]);
  first?.unlink();
  queue.advance(2, 2, errors.NONE);
  assert.equal(first?.outcome, null);
  assert.equal(second?.outcome, errors.NONE);
});

test("a replica set that shrank tells acks=all and leaves acks=1 alone", () => {
  const queue = new AckQueue();
  const [written] = waits(queue, "written", [1]);
  const [replicated] = waits(queue, "replicated", [1]);
  queue.advance(1, 1, errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
  assert.equal(written?.outcome, errors.NONE);
  assert.equal(replicated?.outcome, errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
});

test("a failure settles everything that waits", () => {
  const queue = new AckQueue();
  const all = [...waits(queue, "written", [1, 2]), ...waits(queue, "replicated", [1, 2])];
  queue.fail(errors.KAFKA_STORAGE_ERROR);
  for (const wait of all) assert.equal(wait.outcome, errors.KAFKA_STORAGE_ERROR);
});
