// What every engine of MetaLog promises, tried on each of them. Engines differ in where bytes lie, never in
// this.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld, type Logger, type Ports, Slices } from "@ottla/ports";
import type { Offset } from "@ottla/protocol";
import { imageLines } from "../image/image-lines.ts";
import { imageRecords } from "../image/metadata-image.ts";
import { type ImageBuilderResult, loadImage } from "../loader/load-image.ts";
import { encodeMetadataRecord, metadataRecord } from "../records/metadata-record.ts";
import { EmbeddedMetaLog } from "./engines/embedded/embedded-meta-log.ts";
import { MemoryMetaLog, MemoryMetaLogStore } from "./engines/memory.ts";
import type { MetaLog, MetaLogAppendOutcome, MetaLogEntry, MetaLogReadResult } from "./meta-log.ts";

interface Engine {
  readonly name: string;
  /** A handle on the same log in each call. */
  open(ports: Ports): MetaLog;
}

const limits = { segmentBytes: 2000, segmentMs: 1e12, retentionBytes: 1, retentionMs: -1 };

function engines(): Engine[] {
  const store = new MemoryMetaLogStore();
  return [
    { name: "memory", open: ({ turn }) => new MemoryMetaLog(store, turn) },
    {
      name: "embedded",
      open: (ports) =>
        EmbeddedMetaLog.open({
          ports,
          slices: new Slices(ports),
          metadataLogDir: "/m",
          limits,
          staticVoterIds: [1],
          logger,
        }),
    },
  ];
}

function unexpected(message: string): void {
  assert.fail(`unexpected repair: ${message}`);
}

const logger: Logger = { debug: () => {}, info: () => {}, warn: unexpected, error: unexpected };

function config(name: string, value: string): Uint8Array {
  return encodeMetadataRecord(metadataRecord("ConfigRecord", 0, { resourceType: 4, name, value }));
}

/** One log under test, with calls that wait for their answers. */
class Bench {
  readonly world = new FakeWorld({ seed: 7 });
  readonly ports: Ports;
  log: MetaLog;
  readonly #engine: Engine;
  #appends = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.ports = this.world.node("controller").ports;
    this.ports.disk.makeDirectory("/m");
    this.log = engine.open(this.ports);
  }

  await<Result>(start: (done: (result: Result) => void) => void): Result {
    let results: Result[] = [];
    start((result) => {
      results = [...results, result];
    });
    this.world.run({ until: () => results.length > 0, events: 100_000 });
    assert.equal(results.length, 1, "exactly one answer");
    return results[0] as Result;
  }

  claim(epoch: number): MetaLogAppendOutcome {
    const batch = { kind: "leader-change", epoch, leaderId: 1 } as const;
    return this.await((done) => this.log.append(this.log.tail, `claim-${epoch}`, batch, done));
  }

  append(records: readonly Uint8Array[], expectedTail: Offset = this.log.tail): MetaLogAppendOutcome {
    const { epoch } = this.log;
    const batch = { kind: "records", epoch, records, timestampMs: this.ports.clock.wallMs() } as const;
    this.#appends += 1;
    return this.await((done) => this.log.append(expectedTail, `append-${this.#appends}`, batch, done));
  }

  readAll(): MetaLogEntry[] {
    const entries: MetaLogEntry[] = [];
    for (let from = this.log.startOffset; ; ) {
      const result = this.await<MetaLogReadResult>((done) => this.log.read(from, done));
      assert.equal(result.kind, "entries");
      if (result.kind !== "entries" || result.entries.length === 0) return entries;
      entries.push(...result.entries);
      from = ((entries.at(-1)?.lastOffset ?? 0) + 1) as Offset;
    }
  }

  image(): ImageBuilderResult {
    const result = this.await<ImageBuilderResult | Error>((done) =>
      loadImage(this.log, new Slices(this.ports), done),
    );
    if (result instanceof Error) throw result;
    return result;
  }

  snapshot(): void {
    const { image } = this.image();
    const records = [...imageRecords(image)].map(encodeMetadataRecord);
    const id = { endOffset: (image.offset + 1) as Offset, epoch: image.epoch };
    const snapshot = { id, records, lastContainedTimestampMs: image.timestampMs };
    assert.equal(
      this.await<Error | null>((done) => this.log.writeSnapshot(snapshot, done)),
      null,
    );
  }

  reopen(): void {
    assert.equal(
      this.await<Error | null>((done) => this.log.close(done)),
      null,
    );
    this.log = this.#engine.open(this.ports);
  }
}

for (const engine of engines()) {
  const bench = (): Bench => new Bench(engines().find(({ name }) => name === engine.name) as Engine);

  test(`${engine.name}: appends stand in order and without holes, and a reader finds its own`, () => {
    const { claim, append, readAll } = bound(bench());
    assert.deepEqual(claim(1), { kind: "ok", baseOffset: 0, lastOffset: 0 });
    assert.deepEqual(append([config("a", "1"), config("b", "2")]), {
      kind: "ok",
      baseOffset: 1,
      lastOffset: 2,
    });
    assert.deepEqual(append([config("c", "3")]), { kind: "ok", baseOffset: 3, lastOffset: 3 });
    const entries = readAll();
    assert.deepEqual(
      entries.map(({ baseOffset, lastOffset, epoch, opensEpoch }) => [
        baseOffset,
        lastOffset,
        epoch,
        opensEpoch,
      ]),
      [
        [0, 0, 1, true],
        [1, 2, 1, false],
        [3, 3, 1, false],
      ],
    );
    assert.equal(entries.at(-1)?.appendId, "append-2");
    assert.deepEqual(
      entries[1]?.records.map((record) => record.slice()),
      [config("a", "1"), config("b", "2")],
    );
  });

  test(`${engine.name}: an append that expects another tail writes nothing`, () => {
    const { claim, append, readAll, log } = bound(bench());
    claim(1);
    assert.deepEqual(append([config("a", "1")], 0 as Offset), { kind: "conflict", tail: 1 });
    assert.deepEqual(append([config("a", "1")], 2 as Offset), { kind: "conflict", tail: 1 });
    assert.equal(log().tail, 1);
    assert.equal(readAll().length, 1);
  });

  test(`${engine.name}: an append that is too large is refused and leaves the log usable`, () => {
    const { claim, append } = bound(bench());
    claim(1);
    const large = Array.from({ length: 20 }, (_, index) => config(`k${index}`, "x".repeat(30_000)));
    assert.equal(append(large).kind, "refused");
    assert.equal(append([config("a", "1")]).kind, "ok");
  });

  test(`${engine.name}: a subscriber gets what is there and what comes, once and in order, before the append is answered`, () => {
    const one = bench();
    const { claim, append } = bound(one);
    claim(1);
    append([config("a", "1")]);
    const seen: number[] = [];
    const subscription = one.log.subscribe(0 as Offset, {
      onEntries: (entries) => seen.push(...entries.map((entry) => entry.baseOffset)),
      onFailed: (cause) => assert.fail(cause.message),
    });
    // Not settled: the subscriber still reads while more is appended.
    append([config("b", "1")]);
    one.world.run({ events: 1000 });
    assert.deepEqual(seen, [0, 1, 2]);
    let seenAtAnswer: number[] = [];
    const batch = { kind: "records", epoch: 1, records: [config("c", "1")], timestampMs: 1 } as const;
    one.await<MetaLogAppendOutcome>((done) =>
      one.log.append(one.log.tail, "last", batch, (outcome) => {
        seenAtAnswer = [...seen];
        done(outcome);
      }),
    );
    assert.deepEqual(seenAtAnswer, [0, 1, 2, 3]);
    subscription.cancel();
    append([config("d", "1")]);
    one.world.run({ events: 1000 });
    assert.deepEqual(seen, [0, 1, 2, 3]);
  });

  test(`${engine.name}: a snapshot and what follows it equal the whole log, also after trimming and reopening`, () => {
    const one = bench();
    const { claim, append } = bound(one);
    claim(1);
    let seed = 1;
    for (let step = 0; step < 120; step += 1) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      assert.equal(
        append([config(`key-${seed % 17}`, `value-${step}`), config("last", String(step))]).kind,
        "ok",
      );
      if (step % 25 === 24) {
        const before = imageLines(one.image().image);
        one.snapshot();
        if (step > 50) one.log.clean(one.ports.clock.wallMs());
        assert.deepEqual(imageLines(one.image().image), before);
      }
    }
    assert.ok(one.log.startOffset > 0, "the log was trimmed");
    const before = one.image();
    one.reopen();
    const after = one.image();
    assert.deepEqual(imageLines(after.image), imageLines(before.image));
    assert.deepEqual([after.image.offset, after.nextOffset], [before.image.offset, before.nextOffset]);
    assert.equal(claim(one.log.epoch + 1).kind, "ok");
    const trimmed = one.await<MetaLogReadResult>((done) => one.log.read(0 as Offset, done));
    assert.equal(trimmed.kind, "trimmed");
  });

  test(`${engine.name}: a closed log refuses appends`, () => {
    const one = bench();
    const { claim, append } = bound(one);
    claim(1);
    one.await<Error | null>((done) => one.log.close(done));
    assert.equal(append([config("a", "1")]).kind, "refused");
  });
}

function bound(bench: Bench): {
  claim: Bench["claim"];
  append: Bench["append"];
  readAll: Bench["readAll"];
  log: () => MetaLog;
} {
  return {
    claim: (epoch) => bench.claim(epoch),
    append: (records, tail) => bench.append(records, tail),
    readAll: () => bench.readAll(),
    log: () => bench.log,
  };
}
