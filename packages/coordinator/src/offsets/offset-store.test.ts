import assert from "node:assert/strict";
import { test } from "node:test";
import { makeOffsetCommitValue } from "@ottla/protocol";
import { SnapshotRegistry } from "@ottla/timeline";
import { OffsetStore } from "./offset-store.ts";

const key = { group: "g", topic: "t", partition: 0 };

class Store {
  readonly registry = new SnapshotRegistry(0);
  readonly store = new OffsetStore(this.registry);
  #offset = 0;

  commit(offset: number, producerId = -1, partition = 0): void {
    const value = makeOffsetCommitValue({ offset: BigInt(offset) });
    this.store.replay({ ...key, partition }, value, this.#at(producerId));
  }

  remove(): void {
    this.store.replay(key, null, this.#at(-1));
  }

  get committed(): number | undefined {
    return this.store.committed.get("g", "t", 0)?.offset;
  }

  get isPending(): boolean {
    return this.store.hasPending("g", "t", 0);
  }

  #at(producerId: number): { offset: number; producerId: number; producerEpoch: number } {
    return { offset: this.#offset++, producerId, producerEpoch: 0 };
  }
}

test("an offset of a transaction counts when that commits, and never when it aborts", () => {
  const on = new Store();
  on.commit(5, 1000);
  assert.deepEqual([on.committed, on.isPending, on.store.hasOpenTransaction("g")], [undefined, true, true]);
  on.store.replayEndTransaction(1000, true);
  assert.deepEqual([on.committed, on.isPending, on.store.hasOpenTransaction("g")], [5, false, false]);
  on.commit(6, 1000);
  on.store.replayEndTransaction(1000, false);
  assert.deepEqual([on.committed, on.isPending], [5, false]);
  on.store.replayEndTransaction(77, true);
});

test("of a plain and a transactional commit the one that was written later counts", () => {
  const on = new Store();
  on.commit(5, 1000);
  on.commit(9);
  on.store.replayEndTransaction(1000, true);
  assert.equal(on.committed, 9);
  on.commit(4, 1001);
  on.store.replayEndTransaction(1001, true);
  assert.equal(on.committed, 4);
});

test("a tombstone takes pending offsets of its partition along, others stay", () => {
  const on = new Store();
  on.commit(5, 1000);
  on.commit(6, 1000, 1);
  on.commit(7, 1001);
  on.remove();
  assert.equal(on.isPending, false);
  on.store.replayEndTransaction(1000, true);
  on.store.replayEndTransaction(1001, true);
  assert.equal(on.committed, undefined);
  assert.equal(on.store.committed.get("g", "t", 1)?.offset, 6);
});

test("what was reverted was never there", () => {
  const on = new Store();
  on.commit(5);
  on.registry.snapshot(1);
  on.remove();
  on.commit(8, 1000);
  on.registry.revertTo(1);
  assert.deepEqual([on.committed, on.isPending, [...on.store.groupIds()]], [5, false, ["g"]]);
});
