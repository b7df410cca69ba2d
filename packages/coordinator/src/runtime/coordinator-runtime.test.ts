// The runtime with the simplest shard there is: a durable sum, and a soft count of timers that ran.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeNode, FakeWorld, NotedLogger } from "@ottla/ports";
import { batchCount, type ErrorSpec, errors, readRecords } from "@ottla/protocol";
import { TimelineCell } from "@ottla/timeline";
import { PENDING_WRITES_MAX } from "../limits.ts";
import { MemoryLog } from "../testing/memory-log.ts";
import { CoordinatorRuntime } from "./coordinator-runtime.ts";
import type { CoordinatorShard, ReplayContext, ShardContext } from "./coordinator-shard.ts";
import type { Decision } from "./decision.ts";
import type { OperationResult } from "./runtime-partition.ts";

const value = new Uint8Array([1]);

class SumShard implements CoordinatorShard<number> {
  readonly sum: TimelineCell<number>;
  readonly context: ShardContext<number>;
  readonly replays: ReplayContext[] = [];
  unloadedWith: ErrorSpec | null = null;

  constructor(context: ShardContext<number>) {
    this.context = context;
    this.sum = new TimelineCell(context.registry, 0);
  }

  replay(record: number, context: ReplayContext): void {
    this.replays.push(context);
    this.sum.set(this.sum.get() + record);
  }

  replayEndTransaction(): void {}

  loaded(): Decision<void, number> {
    return { records: [], reply: undefined, atomic: true };
  }

  unloaded(error: ErrorSpec): void {
    this.unloadedWith = error;
  }
}

class SumWorld {
  readonly world = new FakeWorld({ seed: 1 });
  readonly node: FakeNode = this.world.node("n", { delays: { turnEndUs: { min: 1, max: 1 } } });
  readonly log = new MemoryLog();
  readonly shards: SumShard[] = [];
  readonly heard: string[] = [];
  readonly runtime: CoordinatorRuntime<SumShard, number>;

  constructor(setUp?: (log: MemoryLog) => void) {
    setUp?.(this.log);
    this.runtime = new CoordinatorRuntime<SumShard, number>({
      ports: this.node.ports,
      codec: {
        encode: (record) => ({ key: new Uint8Array(record), value }),
        decode: (key) => (key.length === 99 ? null : key.length),
      },
      newShard: (context) => {
        const shard = new SumShard(context);
        this.shards.push(shard);
        return shard;
      },
      writeTimeoutMs: 5000,
      requestTurnEnd: () => {},
      logger: new NotedLogger(),
    });
    this.runtime.load(0, 1, this.log);
    this.settle();
  }

  settle(): void {
    this.world.run({ ms: 1 });
  }

  add(name: string, ...records: number[]): void {
    this.addOnly(name, { records, reply: undefined, atomic: true });
  }

  addOnly(name: string, decision: Decision<void, number>): void {
    const note = (result: OperationResult<void>): void => {
      this.heard.push("error" in result ? `${name} ${result.error.name}` : `${name} ok`);
    };
    this.runtime.write(0, () => decision, note);
  }

  commit(): void {
    this.log.highWatermark = this.log.logEndOffset;
    this.runtime.highWatermarkMoved(0, this.log.highWatermark);
  }

  committed(): number | string {
    let answer: number | string = "";
    this.runtime.read(
      0,
      (shard, at) => shard.sum.get(at),
      (result) => {
        answer = "error" in result ? result.error.name : result.reply;
      },
    );
    return answer;
  }

  happened(): string[] {
    return this.heard.splice(0);
  }
}

test("the decisions of a turn are one batch, and answers leave when it is committed", () => {
  const on = new SumWorld();
  on.add("a", 1, 2);
  on.add("b", 4);
  assert.equal(on.log.batches.length, 0);
  on.runtime.flush();
  on.runtime.flush();
  assert.equal(on.log.batches.length, 1);
  assert.equal(batchCount(on.log.batches[0]?.bytes as Uint8Array, 0), 3);
  assert.deepEqual(on.happened(), []);
  assert.equal(on.committed(), 0);
  on.commit();
  assert.deepEqual(on.happened(), ["a ok", "b ok"]);
  assert.equal(on.committed(), 7);
});

test("a decision without records waits for those before it, unless it rests on soft state", () => {
  const on = new SumWorld();
  on.add("nothing to wait for");
  assert.deepEqual(on.happened(), ["nothing to wait for ok"]);
  on.add("a", 1);
  on.add("in its batch");
  on.addOnly("soft", { records: [], reply: undefined, atomic: true, isSoft: true });
  assert.deepEqual(on.happened(), ["soft ok"]);
  on.runtime.flush();
  on.add("behind it");
  on.commit();
  assert.deepEqual(on.happened(), ["a ok", "in its batch ok", "behind it ok"]);
});

test("a batch that is committed does not answer for the next one", () => {
  const on = new SumWorld();
  on.add("a", 1);
  on.runtime.flush();
  on.add("b", 2);
  on.runtime.flush();
  on.log.highWatermark = 1;
  on.runtime.highWatermarkMoved(0, 1);
  assert.deepEqual(on.happened(), ["a ok"]);
  assert.equal(on.committed(), 1);
  on.runtime.flush();
  on.commit();
  assert.deepEqual(on.happened(), ["b ok"]);
});

test("decisions gather in one batch while the batch before waits for its commit", () => {
  const on = new SumWorld();
  on.add("a", 1);
  on.runtime.flush();
  on.add("b", 2);
  on.runtime.flush();
  on.add("c", 4);
  on.runtime.flush();
  assert.equal(on.log.batches.length, 1);
  on.commit();
  on.runtime.flush();
  assert.equal(on.log.batches.length, 2);
  assert.deepEqual(on.happened(), ["a ok"]);
  on.commit();
  assert.deepEqual(on.happened(), ["b ok", "c ok"]);
});

test("a failed append takes back its decisions and those behind it, not those before", () => {
  const on = new SumWorld((log) => {
    log.batchBytesMax = 1000;
  });
  on.add("kept", 600);
  on.runtime.flush();
  on.log.isHeld = true;
  on.add("lost", 601);
  // It has no room beside the one before, which goes to the log although another waits there.
  on.add("behind", 602);
  on.log.refuseWith = errors.KAFKA_STORAGE_ERROR;
  on.log.release();
  assert.deepEqual(on.happened(), ["lost KAFKA_STORAGE_ERROR", "behind KAFKA_STORAGE_ERROR"]);
  assert.equal(on.shards[0]?.sum.get(), 600);
  on.log.refuseWith = null;
  on.commit();
  on.add("after", 8);
  on.runtime.flush();
  on.commit();
  assert.deepEqual(on.happened(), ["kept ok", "after ok"]);
  assert.equal(on.committed(), 608);
  assert.deepEqual(
    on.shards[0]?.replays.map(({ offset }) => offset),
    [0, 1, 2, 1],
  );
});

test("what does not fit goes in several batches, an atomic decision in one or not at all", () => {
  const on = new SumWorld((log) => {
    log.batchBytesMax = 1000;
  });
  on.add("a", 400);
  on.add("b", 401);
  on.add("too large", 500, 500);
  on.addOnly("in parts", { records: [502, 503], reply: undefined, atomic: false });
  on.addOnly("never", { records: [2000], reply: undefined, atomic: false });
  assert.deepEqual(on.happened(), ["too large RECORD_LIST_TOO_LARGE", "never RECORD_LIST_TOO_LARGE"]);
  on.commit();
  assert.deepEqual(on.happened(), ["a ok", "b ok"]);
  on.runtime.flush();
  assert.deepEqual(
    on.log.batches.map(({ bytes }) => readRecords(bytes, 0, on.node.ports.zip).map(({ key }) => key?.length)),
    [[400, 401], [502], [503]].map((keys) => keys),
  );
  on.commit();
  assert.deepEqual(on.happened(), ["in parts ok"]);
  assert.equal(on.committed(), 400 + 401 + 502 + 503);
});

test("a decision whose earlier ones are lost while room is made for it is lost with them", () => {
  const on = new SumWorld((log) => {
    log.batchBytesMax = 1000;
  });
  on.add("a", 600);
  on.log.refuseWith = errors.NOT_ENOUGH_REPLICAS;
  on.add("b", 601);
  on.log.refuseWith = null;
  assert.deepEqual(on.happened(), ["a NOT_ENOUGH_REPLICAS", "b NOT_ENOUGH_REPLICAS"]);
  on.runtime.flush();
  assert.equal(on.log.batches.length, 0);
  assert.equal(on.shards[0]?.sum.get(), 0);
});

test("waiting for a commit ends, and the commit may come all the same", () => {
  const on = new SumWorld();
  on.add("a", 1);
  on.runtime.flush();
  on.world.run({ ms: 4900 });
  on.add("b", 2);
  on.runtime.flush();
  assert.deepEqual(on.happened(), []);
  on.world.run({ ms: 200 });
  assert.deepEqual(on.happened(), ["a REQUEST_TIMED_OUT"]);
  // Nobody waits for the first one any more.
  on.runtime.flush();
  on.commit();
  assert.deepEqual(on.happened(), ["b ok"]);
  assert.equal(on.committed(), 3);
  assert.equal(on.runtime.metrics.timedOutWrites, 1);
});

test("nothing is decided before the log is read, and nothing after the partition has gone", () => {
  const on = new SumWorld();
  on.add("a", 1);
  on.runtime.flush();
  on.commit();
  on.happened();
  on.runtime.unload(0, 0);
  assert.equal(on.committed(), 1);
  on.runtime.load(0, 2, on.log);
  assert.equal(on.committed(), "COORDINATOR_LOAD_IN_PROGRESS");
  on.add("loading", 2);
  assert.deepEqual(on.happened(), ["loading COORDINATOR_LOAD_IN_PROGRESS"]);
  on.settle();
  assert.equal(on.committed(), 1);
  on.add("waiting", 4);
  on.runtime.flush();
  on.add("open", 8);
  on.runtime.unload(0, 2);
  on.runtime.flush();
  assert.deepEqual(on.happened(), ["waiting NOT_COORDINATOR", "open NOT_COORDINATOR"]);
  assert.equal(on.shards.at(-1)?.unloadedWith, errors.NOT_COORDINATOR);
  on.add("gone", 16);
  assert.deepEqual(on.happened(), ["gone NOT_COORDINATOR"]);
  assert.equal(on.log.logEndOffset, 2);
});

test("what the log holds above the high watermark is loaded, but not committed", () => {
  const on = new SumWorld((log) => {
    const before = new SumWorld();
    for (const record of [1, 2, 4, 99]) {
      before.add("", record);
      before.runtime.flush();
      before.commit();
    }
    log.batches = before.log.batches;
    log.logEndOffset = 4;
    log.highWatermark = 2;
  });
  assert.equal(on.committed(), 3);
  assert.equal(on.shards[0]?.sum.get(), 7);
  on.runtime.highWatermarkMoved(0, 3);
  assert.equal(on.committed(), 7);
  assert.deepEqual([on.runtime.metrics.loadedRecords, on.runtime.metrics.skippedRecords], [4, 1]);
});

test("a log that cannot be read is tried again", () => {
  const on = new SumWorld((log) => {
    log.failReadsWith = errors.KAFKA_STORAGE_ERROR;
    log.logEndOffset = 1;
  });
  assert.equal(on.committed(), "COORDINATOR_LOAD_IN_PROGRESS");
  on.log.failReadsWith = null;
  on.log.logEndOffset = 0;
  on.world.run({ ms: 1010 });
  assert.equal(on.committed(), 0);
  assert.deepEqual([on.runtime.metrics.failedLoads, on.runtime.metrics.loads], [1, 1]);
});

test("records of somebody else in the log make the runtime read it again", () => {
  const on = new SumWorld();
  const other = new SumWorld();
  other.add("", 64);
  other.runtime.flush();
  on.add("a", 1);
  on.log.append(other.log.batches[0]?.bytes as Uint8Array, () => {});
  on.runtime.flush();
  assert.deepEqual(on.happened(), ["a NOT_COORDINATOR"]);
  on.settle();
  on.commit();
  assert.equal(on.committed(), 65);
});

test("timers decide while their shard lives", () => {
  const on = new SumWorld();
  const timer = on.shards[0]?.context.newTimer(() => ({ records: [5], reply: undefined, atomic: true }));
  timer?.set(on.node.ports.clock.monotonicMs() + 10);
  on.world.run({ ms: 11 });
  on.runtime.flush();
  on.commit();
  assert.equal(on.committed(), 5);
  timer?.set(on.node.ports.clock.monotonicMs() + 10);
  on.runtime.unload(0, null);
  on.world.run({ ms: 20 });
  assert.equal(on.log.logEndOffset, 1);
});

test("so many decisions may wait and no more", () => {
  const on = new SumWorld();
  for (let count = 0; count <= PENDING_WRITES_MAX; count++) on.add("", 1);
  assert.deepEqual(on.happened(), [" COORDINATOR_NOT_AVAILABLE"]);
  assert.equal(on.runtime.pendingWrites, PENDING_WRITES_MAX);
});
