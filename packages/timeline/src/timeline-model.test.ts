// Timeline structures against the naive model: a copy of everything per snapshot.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SnapshotRegistry } from "./snapshot-registry.ts";
import { TimelineCell } from "./timeline-cell.ts";
import { TimelineMap } from "./timeline-map.ts";
import { TimelineSet } from "./timeline-set.ts";

interface State {
  map: Map<number, number>;
  set: Set<number>;
  cell: number;
}

const copy = ({ map, set, cell }: State): State => ({ map: new Map(map), set: new Set(set), cell });

/** The structures and the model side by side. */
class Both {
  readonly registry = new SnapshotRegistry(0);
  readonly map = new TimelineMap<number, number>(this.registry);
  readonly set = new TimelineSet<number>(this.registry);
  readonly cell = new TimelineCell(this.registry, 0);
  now: State = { map: new Map(), set: new Set(), cell: 0 };
  /** Snapshots kept, by offset, rising. The first is the committed one. */
  snapshots: { offset: number; state: State }[] = [{ offset: 0, state: copy(this.now) }];

  snapshot(step: number): void {
    const offset = this.registry.newestOffset + step;
    this.registry.snapshot(offset);
    this.snapshots.push({ offset, state: copy(this.now) });
  }

  commit(offset: number): void {
    this.registry.commit(offset);
    const at = this.snapshots.findLastIndex((snapshot) => snapshot.offset <= offset);
    if (at > 0) this.snapshots = this.snapshots.slice(at);
  }

  revertTo(offset: number): void {
    const at = this.snapshots.findLastIndex((snapshot) => snapshot.offset <= offset);
    const target = this.snapshots[at];
    if (target === undefined) {
      assert.throws(() => this.registry.revertTo(offset), RangeError);
      return;
    }
    assert.equal(this.registry.revertTo(offset), target.offset);
    this.snapshots = this.snapshots.slice(0, at + 1);
    this.now = copy(target.state);
  }

  check(): void {
    assert.equal(this.registry.committedOffset, this.snapshots[0]?.offset);
    assert.equal(this.registry.newestOffset, this.snapshots.at(-1)?.offset);
    this.#checkAt(undefined, this.now, this.map.size, this.set.size);
    for (const { offset, state } of this.snapshots) {
      this.#checkAt(offset, state, this.map.sizeAt(offset), this.set.sizeAt(offset));
    }
  }

  #checkAt(offset: number | undefined, state: State, mapSize: number, setSize: number): void {
    assert.deepEqual(new Map(this.map.entries(offset)), state.map);
    assert.deepEqual(new Set(this.set.values(offset)), state.set);
    assert.deepEqual([mapSize, setSize], [state.map.size, state.set.size]);
    assert.equal(this.cell.get(offset), state.cell);
    for (let key = 0; key < 4; key++) {
      assert.equal(this.map.get(key, offset), state.map.get(key));
      assert.equal(this.map.has(key, offset), state.map.has(key));
      assert.equal(this.set.has(key, offset), state.set.has(key));
    }
  }
}

type Step = (both: Both) => void;
const key = fc.nat(3);
const offset = fc.nat(40);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, fc.nat(9)).map<Step>(([at, value]) => (both) => {
    both.map.set(at, value);
    both.now.map.set(at, value);
  }),
  key.map<Step>((at) => (both) => assert.equal(both.map.delete(at), both.now.map.delete(at))),
  key.map<Step>((item) => (both) => {
    assert.equal(both.set.add(item), !both.now.set.has(item));
    both.now.set.add(item);
  }),
  key.map<Step>((item) => (both) => assert.equal(both.set.delete(item), both.now.set.delete(item))),
  fc.nat(9).map<Step>((value) => (both) => {
    both.cell.set(value);
    both.now.cell = value;
  }),
  fc.constant<Step>((both) => {
    both.map.clear();
    both.now.map.clear();
  }),
  fc.nat(3).map<Step>((gap) => (both) => both.snapshot(gap + 1)),
  fc.nat(3).map<Step>((gap) => (both) => both.snapshot(gap + 1)),
  offset.map<Step>((upTo) => (both) => both.commit(upTo)),
  offset.map<Step>((to) => (both) => both.revertTo(to)),
);

test("every read at every kept snapshot equals that of a copy per snapshot", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const both = new Both();
      for (const run of steps) {
        run(both);
        both.check();
      }
    }),
    { seed: 20, numRuns: 300 },
  );
});
