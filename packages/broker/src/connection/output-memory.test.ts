import assert from "node:assert/strict";
import { test } from "node:test";
import { type OutputHolder, OutputMemory } from "./output-memory.ts";

class Peer implements OutputHolder {
  drops = 0;
  dropForMemory(): void {
    this.drops++;
  }
}

test("below the limit nobody is dropped, however long nothing is taken", () => {
  const memory = new OutputMemory({ bytesLimit: 100, lentBytes: () => 0 });
  const peer = new Peer();
  memory.take(peer, 100, false, 0);
  memory.relieve(1_000_000);
  assert.equal(peer.drops, 0);
  assert.equal(memory.isExceeded, false);
});

test("over the limit the one that holds most without taking any goes, and only that one", () => {
  const memory = new OutputMemory({ bytesLimit: 100, lentBytes: () => 0 });
  const [small, large, moving] = [new Peer(), new Peer(), new Peer()];
  memory.take(small, 20, false, 0);
  memory.take(large, 40, false, 0);
  memory.take(moving, 80, false, 0);
  memory.give(moving, 20, false, 4900);
  assert.equal(memory.isExceeded, true);
  memory.relieve(5000);
  assert.deepEqual([small.drops, large.drops, moving.drops], [0, 1, 0]);
  assert.equal(memory.usedBytes, 80);
  // What a dropped one had under way changes nothing any more.
  memory.give(large, 40, false, 5001);
  memory.leave(large);
  assert.equal(memory.usedBytes, 80);
});

test("a peer that takes its replies is left alone up to twice the limit", () => {
  let nowMs = 0;
  const memory = new OutputMemory({ bytesLimit: 100, lentBytes: () => 0 });
  const [moving, other] = [new Peer(), new Peer()];
  memory.take(moving, 150, false, nowMs);
  memory.relieve(nowMs);
  assert.equal(moving.drops, 0);
  nowMs = 10;
  memory.take(other, 60, false, nowMs);
  memory.relieve(nowMs);
  assert.deepEqual([moving.drops, other.drops], [1, 0]);
});

test("records that are counted where they come from count once, and weigh on who holds them", () => {
  let lentBytes = 30;
  const memory = new OutputMemory({ bytesLimit: 100, lentBytes: () => lentBytes });
  const [reader, asker] = [new Peer(), new Peer()];
  memory.take(reader, 1000, true, 0);
  memory.take(asker, 50, false, 0);
  assert.equal(memory.usedBytes, 80);
  lentBytes = 60;
  memory.relieve(2000);
  assert.deepEqual([reader.drops, asker.drops], [1, 0]);
  lentBytes = 0;
  memory.give(asker, 50, false, 2000);
  assert.equal(memory.usedBytes, 0);
});

test("memory that is nobody's yet, or on its way back, costs no peer its connection", () => {
  const lentBytes = 1000;
  const memory = new OutputMemory({ bytesLimit: 100, lentBytes: () => lentBytes });
  const [deaf, healthy] = [new Peer(), new Peer()];
  memory.take(healthy, 10, false, 0);
  memory.relieve(0);
  memory.relieve(5000);
  assert.equal(healthy.drops, 0);
  memory.take(deaf, 500, true, 5000);
  memory.relieve(5000);
  memory.relieve(5001);
  memory.relieve(20_000);
  assert.deepEqual([deaf.drops, healthy.drops], [1, 0]);
});
