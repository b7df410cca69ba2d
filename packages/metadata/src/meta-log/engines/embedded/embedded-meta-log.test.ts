// What the embedded engine promises beyond the contract: it survives crashes at any disk call, and its files
// are Kafka's.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { FakeWorld, type Logger, NotedLogger, type Ports, Slices } from "@ottla/ports";
import type { Offset } from "@ottla/protocol";
import { imageLines } from "../../../image/image-lines.ts";
import { type ImageBuilderResult, loadImage } from "../../../loader/load-image.ts";
import { encodeMetadataRecord, metadataRecord } from "../../../records/metadata-record.ts";
import type { MetaLogAppendOutcome } from "../../meta-log.ts";
import { EmbeddedMetaLog } from "./embedded-meta-log.ts";

const limits = { segmentBytes: 3000, segmentMs: 1e12, retentionBytes: 1, retentionMs: -1 };

function open(ports: Ports, logger: Logger = new NotedLogger()): EmbeddedMetaLog {
  if (ports.disk.status("/m") === null) ports.disk.makeDirectory("/m");
  const slices = new Slices(ports);
  return EmbeddedMetaLog.open({ ports, slices, metadataLogDir: "/m", limits, staticVoterIds: [1], logger });
}

function config(name: string, value: string): Uint8Array {
  return encodeMetadataRecord(metadataRecord("ConfigRecord", 0, { resourceType: 4, name, value }));
}

function copyGolden(ports: Ports): void {
  const golden = new URL(
    "../../../../../protocol/goldens/segments/data/__cluster_metadata-0/",
    import.meta.url,
  );
  ports.disk.makeDirectory("/m");
  ports.disk.makeDirectory("/m/__cluster_metadata-0");
  for (const name of readdirSync(golden)) {
    ports.disk.replaceFile(
      `/m/__cluster_metadata-0/${name}`,
      new Uint8Array(readFileSync(new URL(name, golden))),
    );
  }
}

function imageOf(world: FakeWorld, ports: Ports, log: EmbeddedMetaLog): ImageBuilderResult {
  let result: ImageBuilderResult | Error | null = null;
  loadImage(log, new Slices(ports), (loaded) => {
    result = loaded;
  });
  world.run({ until: () => result !== null });
  assert.ok(!((result as unknown) instanceof Error), String(result));
  return result as unknown as ImageBuilderResult;
}

test("a log that Kafka wrote opens, tells its image and goes on in a new epoch", () => {
  const world = new FakeWorld({ seed: 1 });
  const { ports } = world.node("a");
  copyGolden(ports);
  const logger = new NotedLogger();
  const log = open(ports, logger);
  assert.deepEqual(logger.warnings, []);
  assert.deepEqual([log.tail, log.startOffset, log.epoch, log.kraft.kraftVersion], [122, 0, 2, 1]);
  assert.deepEqual(
    log.kraft.voters?.voters.map((voter) => voter.voterId),
    [1],
  );
  const loaded = imageOf(world, ports, log);
  assert.equal(loaded.image.offset, 121);
  let outcome: MetaLogAppendOutcome | null = null;
  const batch = { kind: "leader-change", epoch: 3, leaderId: 1 } as const;
  log.append(log.tail, "claim", batch, (answer) => {
    outcome = answer;
  });
  world.run({ until: () => outcome !== null });
  assert.deepEqual(outcome, { kind: "ok", baseOffset: 122, lastOffset: 122 });
  const text = (name: string): string =>
    new TextDecoder().decode(ports.disk.readFile(`/m/__cluster_metadata-0/${name}`));
  assert.equal(text("leader-epoch-checkpoint"), "0\n3\n1 0\n2 68\n3 122\n");
  assert.equal(
    text("quorum-state"),
    '{"leaderId":1,"leaderEpoch":3,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}',
  );
});

test("indexes rebuilt for Kafka's segment are Kafka's", () => {
  const world = new FakeWorld({ seed: 1 });
  const { ports } = world.node("a");
  copyGolden(ports);
  const read = (name: string): Uint8Array =>
    ports.disk.readFile(`/m/__cluster_metadata-0/00000000000000000000.${name}`);
  const before = read("index");
  const log = open(ports);
  // Kafka began its count anew when it started again; up to there the entries are the same.
  assert.deepEqual(read("index").subarray(0, before.length), before);
  let isClosed = false;
  log.close(() => {
    isClosed = true;
  });
  world.run({ until: () => isClosed });
  assert.deepEqual(
    read("timeindex").subarray(-12),
    new Uint8Array(
      readFileSync(
        new URL(
          "../../../../../protocol/goldens/segments/data/__cluster_metadata-0/00000000000000000000.timeindex",
          import.meta.url,
        ),
      ),
    ).subarray(-12),
  );
});

test("damage in the middle of the log stops the start, a torn end is cut", () => {
  const world = new FakeWorld({ seed: 1 });
  const node = world.node("a");
  copyGolden(node.ports);
  const path = "/m/__cluster_metadata-0/00000000000000000000.log";
  node.storage.flipBit(path, 8 * 5000);
  assert.throws(() => open(node.ports), /damaged at byte 4876 .* before its end/);
  node.storage.flipBit(path, 8 * 5000);
  const file = node.ports.disk.open(path, "write");
  file.truncate(file.size() - 3);
  file.close();
  node.ports.disk.remove("/m/__cluster_metadata-0/00000000000000000122-0000000002.checkpoint");
  const logger = new NotedLogger();
  const log = open(node.ports, logger);
  assert.equal(log.tail, 121);
  assert.match(logger.warnings.join(), /cut 84 byte\(s\) of an unfinished append at byte 8835/);
});

/** Appends until the node dies; returns what was acknowledged, in order. */
function lifeUntilCrash(world: FakeWorld, ports: Ports, first: number): { acked: number[]; tried: number } {
  const acked: number[] = [];
  let tried = first;
  const log = open(ports);
  const append = (): void => {
    const value = tried;
    tried += 1;
    const batch = {
      kind: "records",
      epoch: log.epoch,
      records: [config("n", String(value))],
      timestampMs: 1,
    } as const;
    log.append(log.tail, `append-${value}`, batch, (outcome) => {
      if (outcome.kind !== "ok") return;
      acked.push(value);
      if (value % 7 === 6) {
        const id = { endOffset: log.tail, epoch: log.epoch };
        const records = [config("n", String(value))];
        log.writeSnapshot({ id, records, lastContainedTimestampMs: 1 }, () =>
          log.clean(ports.clock.wallMs()),
        );
      }
      append();
    });
  };
  const claim = { kind: "leader-change", epoch: log.epoch + 1, leaderId: 1 } as const;
  log.append(log.tail, `claim-${first}`, claim, (outcome) => {
    if (outcome.kind === "ok") append();
  });
  world.run({ until: () => !world.host("a") || acked.length > 60, events: 20_000 });
  return { acked, tried };
}

test("no crash at any disk call loses an acknowledged append or invents one", () => {
  let acknowledged = 0;
  for (let seed = 1; seed <= 150; seed += 1) {
    const world = new FakeWorld({ seed });
    let node = world.node("a");
    node.ports.disk.makeDirectory("/m");
    node.ports.disk.syncDirectory("/");
    let lastAcked = -1;
    let tried = 0;
    let lastEpoch = 0;
    for (let life = 0; life < 3; life += 1) {
      const crashAt = node.storage.callCount + 1 + world.random.below(160);
      node.storage.onCall = ({ index }) => (index === crashAt ? "crash" : "go");
      try {
        const result = lifeUntilCrash(world, node.ports, tried);
        lastAcked = result.acked.at(-1) ?? lastAcked;
        tried = result.tried;
        acknowledged += result.acked.length;
      } catch (error) {
        if (!/crash/i.test((error as Error).name + (error as Error).message)) throw error;
      }
      node.storage.onCall = null;
      if (node.isAlive) world.crash("a");
      node = world.restart("a");
      const log = open(node.ports);
      assert.ok(log.epoch >= lastEpoch, `seed ${seed}: the epoch went back`);
      lastEpoch = log.epoch;
      const { image } = imageOf(world, node.ports, log);
      const found = Number(image.configs.of(4, "").get("n") ?? -1);
      assert.ok(found >= lastAcked, `seed ${seed}: ${lastAcked} was acknowledged, ${found} is there`);
      assert.ok(found < Math.max(tried, 60 * (life + 1) + 100), `seed ${seed}: ${found} was never written`);
      lastAcked = found;
      tried = found + 1;
    }
  }
  assert.ok(acknowledged > 1000, `${acknowledged} appends were acknowledged in all`);
});

test("a failed sync ends the log: nothing more is accepted, and readers are told", () => {
  const world = new FakeWorld({ seed: 3 });
  const node = world.node("a");
  const log = open(node.ports);
  const outcomes: string[] = [];
  const failures: string[] = [];
  log.subscribe(0 as Offset, { onEntries: () => {}, onFailed: (cause) => failures.push(cause.message) });
  world.run({ events: 100 });
  node.storage.onCall = ({ operation }) => (/sync/i.test(operation) ? { code: "EIO" } : "go");
  const claim = { kind: "leader-change", epoch: 1, leaderId: 1 } as const;
  log.append(log.tail, "one", claim, (outcome) => outcomes.push(outcome.kind));
  world.run({ until: () => outcomes.length === 1 });
  node.storage.onCall = null;
  log.append(log.tail, "two", claim, (outcome) => outcomes.push(outcome.kind));
  world.run({ until: () => outcomes.length === 2 });
  assert.deepEqual(outcomes, ["unknown", "refused"]);
  assert.equal(failures.length, 1);
});

test("after a failed sync the next start does not believe what the cache alone has", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const world = new FakeWorld({ seed });
    let node = world.node("a");
    node.ports.disk.makeDirectory("/m");
    node.ports.disk.syncDirectory("/");
    const log = open(node.ports);
    const outcomes: string[] = [];
    const append = (value: number): void => {
      const records = [config("n", String(value))];
      log.append(
        log.tail,
        `append-${value}`,
        { kind: "records", epoch: 1, records, timestampMs: node.ports.clock.wallMs() },
        (outcome) => outcomes.push(outcome.kind),
      );
      world.run({ until: () => outcomes.length === value });
    };
    append(1);
    node.storage.onCall = ({ operation }) => (operation === "sync" ? { code: "EIO" } : "go");
    append(2);
    node.storage.onCall = null;
    assert.deepEqual(outcomes, ["ok", "unknown"]);
    world.crash("a", { how: "kill" });
    node = world.restart("a");
    const found = (): string | null => {
      const { image } = imageOf(world, node.ports, open(node.ports));
      return image.configs.of(4, "").get("n") ?? null;
    };
    const believed = found();
    world.crash("a", { how: "power" });
    node = world.restart("a");
    assert.equal(found(), believed, `seed ${seed}: what a start told was gone after a power cut`);
    assert.equal(node.ports.disk.status("/m/__cluster_metadata-0/.ottla_sync_failed"), null);
  }
});

test("an image from an old snapshot and the rest equals the image from zero for Kafka's directory", () => {
  const world = new FakeWorld({ seed: 1 });
  const { ports } = world.node("a");
  copyGolden(ports);
  const whole = imageLines(imageOf(world, ports, open(ports)).image);
  ports.disk.remove("/m/__cluster_metadata-0/00000000000000000122-0000000002.checkpoint");
  assert.deepEqual(imageLines(imageOf(world, ports, open(ports)).image), whole);
  ports.disk.remove("/m/__cluster_metadata-0/00000000000000000067-0000000001.checkpoint");
  assert.deepEqual(imageLines(imageOf(world, ports, open(ports)).image), whole);
});
