// A node with two log directories on the machine's disk: replicas are moved while they are written to, by
// the API and seen by kafka-log-dirs, also across a kill.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import {
  build,
  format,
  freePort,
  nodeSettings,
  type Program,
  run,
  Scratch,
  startNode,
} from "./installation.ts";
import { WireClient } from "./wire-client.ts";

const scratch = new Scratch();
const paths = [scratch.file("first"), scratch.file("second")] as const;
let port: number;
let file: string;
let running: Program | null = null;

before(async () => {
  build();
  port = await freePort();
  file = scratch.properties("server.properties", {
    ...nodeSettings([port, await freePort()], paths.join(",")),
    "broker.session.timeout.ms": 3_600_000,
  });
  assert.equal((await format(file)).code, 0);
});
after(async () => {
  await running?.end("SIGKILL");
  scratch.remove();
});

/** Directories of the partition, by log directory. */
const found = (topic: string): string[][] =>
  paths.map((path) => readdirSync(path).filter((name) => name.startsWith(`${topic}-0`)));

/** The path that holds the partition in use. */
function holder(topic: string): string {
  return paths.find((path) => readdirSync(path).includes(`${topic}-0`)) ?? "";
}

const otherThan = (path: string): string => (path === paths[0] ? paths[1] : paths[0]);

test("a replica that is written to moves to the other directory, and every acknowledged record with it", async () => {
  running = await startNode([file]);
  const client = await WireClient.connect(port);
  assert.equal(await client.createTopic("orders"), 0);
  const acknowledged: string[] = [];
  const produce = async (): Promise<void> => {
    const value = `order ${acknowledged.length} ${"x".repeat(500)}`;
    assert.equal(await client.produce("orders", value), 0);
    acknowledged.push(value);
  };
  for (let count = 0; count < 500; count += 1) await produce();
  const from = holder("orders");
  const to = otherThan(from);
  assert.equal(await client.moveReplica("orders", to), 0);
  for (let count = 0; holder("orders") !== to && count < 20_000; count += 1) await produce();
  assert.equal(holder("orders"), to);
  for (let count = 0; count < 100; count += 1) await produce();
  assert.deepEqual(await client.fetchAll("orders"), acknowledged);
  assert.equal(await client.moveReplica("orders", "/nowhere"), 57);
  client.close();
  const words = ["--bootstrap-server", `127.0.0.1:${port}`, "--describe", "--topic-list", "orders"];
  const { code, out } = await run("kafka-log-dirs.sh", words);
  assert.equal(code, 0);
  const [told] = JSON.parse(out.split("\n")[2] ?? "").brokers;
  const told1 = told.logDirs.map(({ logDir, partitions }: { logDir: string; partitions: unknown[] }) => [
    logDir,
    partitions.length,
  ]);
  assert.deepEqual(
    new Map(told1),
    new Map(
      [
        [from, 0],
        [to, 1],
      ].map(([path, count]) => [path, count]),
    ),
  );
});

test("after a kill in the middle of moves there is one replica, with every acknowledged record", async () => {
  for (let life = 0; life < 4; life += 1) {
    const node: Program = running ?? (await startNode([file]));
    running = node;
    const client = await WireClient.connect(port);
    const topic = `kills${life}`;
    assert.equal(await client.createTopic(topic), 0);
    const acknowledged: string[] = [];
    let isKilled = false;
    for (let count = 0; !isKilled; count += 1) {
      const value = `${count}`;
      if (count % 20 === 19) await client.moveReplica(topic, otherThan(holder(topic))).catch(() => -1);
      if (count === 200 + life * 7) node.child.kill("SIGKILL");
      const error = await client.produce(topic, value);
      if (error === 0) acknowledged.push(value);
      else isKilled = true;
    }
    await node.ended;
    running = await startNode([file]);
    const again = await WireClient.connect(port);
    const values = await again.fetchAll(topic);
    again.close();
    assert.deepEqual(values.slice(0, acknowledged.length), acknowledged);
    const inUse = found(topic)
      .flat()
      .filter((name) => name === `${topic}-0`);
    assert.equal(inUse.length, 1);
  }
});
