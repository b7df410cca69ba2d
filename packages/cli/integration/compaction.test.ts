// A compacted topic of a real process on a real disk: overwritten, cleaned, killed, started again, read by a
// client and by kafka-dump-log.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { build, format, freePort, nodeSettings, run, Scratch, startNode } from "./installation.ts";
import { type FoundRecord, type KeyedValue, WireClient } from "./wire-client.ts";

const KEYS = 20;
const ROUNDS = 60;
const CLEANED_MS_MAX = 10_000;
const POLL_MS = 50;

interface Sent extends KeyedValue {
  readonly key: string;
}

/** The values of one round; in the last one every fifth key is deleted. */
function roundOf(round: number): Sent[] {
  const isLast = round === ROUNDS - 1;
  return Array.from({ length: KEYS }, (_, key) => ({
    key: `key-${key}`,
    value: isLast && key % 5 === 0 ? null : `value ${round} of key-${key} ${"x".repeat(50)}`,
  }));
}

test("after compaction and a kill the last value of each key is there once, for clients and for kafka-dump-log", async () => {
  build();
  const scratch = new Scratch();
  const [port, metricsPort] = [await freePort(), await freePort()];
  const file = scratch.properties("server.properties", {
    ...nodeSettings([port, await freePort()], scratch.file("data")),
    "ottla.metrics.listener": `127.0.0.1:${metricsPort}`,
    "log.cleaner.backoff.ms": 100,
    "broker.session.timeout.ms": 3_600_000,
  });
  assert.equal((await format(file)).code, 0);
  let node = await startNode([file]);
  try {
    let client = await WireClient.connect(port);
    const settings = {
      "cleanup.policy": "compact",
      "internal.segment.bytes": "8192",
      "min.cleanable.dirty.ratio": "0.01",
      "file.delete.delay.ms": "0",
    };
    assert.equal(await client.createTopic("prices", 1, settings), 0);
    for (let round = 0; round < ROUNDS; round++) {
      assert.equal(await client.produceBatch("prices", roundOf(round)), 0);
    }
    await untilCleaned(metricsPort, client);
    node.child.kill("SIGKILL");
    await node.ended;
    client.close();

    node = await startNode([file]);
    client = await WireClient.connect(port);
    const found = await client.fetchRecords("prices");
    client.close();
    assertCompacted(found);
    await assertDumped(scratch.file("data/prices-0"), found);
  } finally {
    await node.end("SIGKILL");
    scratch.remove();
  }
});

/** A cleaning came to its end, and readers miss most of what was overwritten. */
async function untilCleaned(metricsPort: number, client: WireClient): Promise<void> {
  const lateMs = Date.now() + CLEANED_MS_MAX;
  for (;;) {
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const cleanings = Number(/^ottla_log_cleaner_cleanings_total (\d+)$/m.exec(metrics)?.[1] ?? 0);
    if (cleanings > 0 && (await client.fetchRecords("prices")).length < (KEYS * ROUNDS) / 2) return;
    assert.ok(Date.now() < lateMs, `not compacted within ${CLEANED_MS_MAX} ms:\n${metrics}`);
    await after(POLL_MS);
  }
}

function assertCompacted(found: readonly FoundRecord[]): void {
  assert.ok(found.length < (KEYS * ROUNDS) / 2, `${found.length} records are left`);
  for (const [index, { offset, key, value }] of found.entries()) {
    assert.ok(index === 0 || offset > (found[index - 1] as FoundRecord).offset, `offset ${offset} goes back`);
    const sent = roundOf(Math.floor(offset / KEYS))[offset % KEYS];
    assert.deepEqual({ key, value }, sent, `the record at ${offset}`);
  }
  const first = KEYS * (ROUNDS - 1);
  const newest = found.filter(({ offset }) => offset >= first);
  assert.deepEqual(
    newest.map(({ key, value }) => ({ key, value })),
    roundOf(ROUNDS - 1),
  );
}

/** kafka-dump-log reads every segment, and finds the same records. */
async function assertDumped(directory: string, found: readonly FoundRecord[]): Promise<void> {
  const segments = readdirSync(directory).filter((name) => name.endsWith(".log"));
  const files = segments.map((name) => `${directory}/${name}`).join(",");
  const dump = await run("kafka-dump-log.sh", ["--files", files, "--deep-iteration", "--print-data-log"]);
  assert.equal(dump.code, 0, dump.err);
  const dumped = [...dump.out.matchAll(/^\| offset: (\d+) .* key: (\S+)(?: payload: (.*))?$/gm)];
  assert.deepEqual(
    dumped.map(([, offset, key, value]) => ({ offset: Number(offset), key, value: value ?? null })),
    found,
  );
  assert.doesNotMatch(dump.out, /isvalid: false|Found/);
}
