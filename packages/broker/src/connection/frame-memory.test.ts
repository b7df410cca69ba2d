import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionLimits } from "../limits.ts";
import { FrameMemory, type MemoryWaiter } from "./frame-memory.ts";

function waiter(): MemoryWaiter & { woken: number } {
  return {
    woken: 0,
    memoryFreed(): void {
      this.woken++;
    },
  };
}

test("a large buffer given back is used again", () => {
  const memory = new FrameMemory({ bytesLimit: 1_000_000 });
  const first = memory.take(100_000);
  memory.give(first);
  assert.equal(memory.take(90_000), first);
});

test("the pool keeps no more than its limit", () => {
  const memory = new FrameMemory({ bytesLimit: 1_000_000_000 });
  const taken = Array.from({ length: 10 }, () => memory.take(connectionLimits.pooledBufferBytesMax));
  for (const buffer of taken) memory.give(buffer);
  assert.ok(memory.pooledBytes <= connectionLimits.pooledBytesMax);
  assert.equal(memory.usedBytes, 0);
});

test("within the budget everybody reads", () => {
  const memory = new FrameMemory({ bytesLimit: 1000 });
  memory.take(1000);
  assert.equal(memory.mayRead(waiter()), true);
});

test("over the budget exactly one goes on reading, so that somebody finishes", () => {
  const memory = new FrameMemory({ bytesLimit: 1000 });
  memory.take(2000);
  const [first, second, third] = [waiter(), waiter(), waiter()];
  assert.equal(memory.mayRead(first), true);
  assert.equal(memory.mayRead(second), false);
  assert.equal(memory.mayRead(third), false);
  assert.equal(memory.mayRead(first), true);
  memory.leave(first);
  assert.deepEqual([second.woken, third.woken], [1, 0]);
  assert.equal(memory.mayRead(second), true);
  assert.equal(memory.mayRead(third), false);
});

test("all who wait are woken when the budget holds again", () => {
  const memory = new FrameMemory({ bytesLimit: 1000 });
  const buffer = memory.take(2000);
  const waiters = [waiter(), waiter(), waiter()];
  for (const one of waiters) memory.mayRead(one);
  memory.give(buffer);
  assert.deepEqual(
    waiters.map(({ woken }) => woken),
    [0, 1, 1],
  );
});

test("who left is not woken", () => {
  const memory = new FrameMemory({ bytesLimit: 1000 });
  const buffer = memory.take(2000);
  const [first, second] = [waiter(), waiter()];
  memory.mayRead(first);
  memory.mayRead(second);
  memory.leave(second);
  memory.give(buffer);
  assert.equal(second.woken, 0);
});
