// A node in trouble: an impatient user, a bug, no file descriptors left, only an old Node.js on the machine.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, afterEach, before, test } from "node:test";
import {
  build,
  format,
  freePort,
  nodeSettings,
  Program,
  run,
  Scratch,
  separateInstallation,
  serverStarted,
  startNode,
} from "./installation.ts";
import { WireClient } from "./wire-client.ts";

const root = resolve(import.meta.dirname, "../../..");
const scratch = new Scratch();
let port: number;
let file: string;
let running: Program | null = null;

before(async () => {
  build();
  port = await freePort();
  const settings = nodeSettings([port, await freePort()], scratch.file("data"));
  file = scratch.properties("server.properties", { ...settings, "max.connections.per.ip": 2_147_483_647 });
  assert.equal((await format(file)).code, 0);
});
after(() => scratch.remove());
afterEach(async () => {
  await running?.end("SIGKILL");
  running = null;
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<Program> {
  running = await startNode([file], { env });
  return running;
}

test("a second signal ends a node that still waits for requests under way", async () => {
  const node = await start();
  const client = await WireClient.connect(port);
  await client.createTopic("waited-for");
  const waiting = await WireClient.connect(port);
  waiting.waitForRecords("waited-for");
  assert.equal(await client.produce("waited-for", "stored"), 0);
  node.child.kill("SIGTERM");
  await node.prints("shutting down");
  const ended = await node.end("SIGTERM");
  assert.equal(ended.code, 143);
  assert.ok(!ended.out.includes("shut down completed"), ended.out);
  await start();
  const reader = await WireClient.connect(port);
  assert.deepEqual(await reader.fetchAll("waited-for"), ["stored"]);
  reader.close();
});

for (const [kind, bug] of [
  ["exception", 'throw new Error("provoked")'],
  ["rejection", 'Promise.reject(new Error("provoked"))'],
] as const) {
  test(`an unforeseen ${kind} ends the node with one line and a code, and loses nothing`, async () => {
    const module = `data:text/javascript,process.on("SIGUSR2",()=>{${bug.replaceAll(" ", "%20")}})`;
    const node = await start({ OTTLA_NODE_OPTIONS: `--import=${module}` });
    const client = await WireClient.connect(port);
    const topic = `survives-${kind}`;
    assert.equal(await client.createTopic(topic), 0);
    const values = Array.from({ length: 20 }, (_, count) => `value ${count}`);
    for (const value of values) assert.equal(await client.produce(topic, value), 0);
    const ended = await node.end("SIGUSR2");
    assert.equal(ended.code, 1);
    const errors = ended.out.split("\n").filter((line) => line.includes("] ERROR "));
    assert.equal(errors.length, 1, ended.out);
    assert.match(errors[0] ?? "", /Halting: an error that should not be possible/);
    assert.ok(ended.out.includes("Error: provoked"), ended.out);
    assert.ok(!ended.out.includes("shut down completed"));
    await start();
    const reader = await WireClient.connect(port);
    assert.deepEqual(await reader.fetchAll(topic), values);
    reader.close();
  });
}

test("with 256 file descriptors a node serves, refuses what is too much, and recovers", async () => {
  const script = join(root, "bin/kafka-server-start.sh");
  running = new Program("/bin/sh", ["-c", 'ulimit -n 256; exec "$0" "$@"', script, file]);
  await running.prints(serverStarted);
  const client = await WireClient.connect(port);
  const partitions = Array.from({ length: 150 }, (_, index) => index);
  assert.equal(await client.createTopic("many-files", partitions.length), 0);
  const produceAll = async (value: string): Promise<void> => {
    for (const index of partitions) assert.equal(await client.produce("many-files", value, index), 0);
  };
  await produceAll("before");
  const crowd = await Promise.all(Array.from({ length: 400 }, () => WireClient.connect(port)));
  const asked = crowd.map((each) => each.isServed());
  // The files of all partitions are needed again while the descriptors are short.
  await produceAll("meanwhile");
  for (const each of crowd) each.close();
  const served = (await Promise.all(asked)).filter(Boolean).length;
  assert.ok(served >= 50 && served < 256, `${served} served`);
  await produceAll("after");
  const next = await WireClient.connect(port);
  assert.equal(await next.isServed(), true);
  assert.deepEqual(await next.fetchAll("many-files"), ["before", "meanwhile", "after"]);
  next.close();
  client.close();
  const ended = await running.end("SIGTERM");
  assert.equal(ended.code, 143);
  assert.doesNotMatch(ended.out, /EMFILE|offline/, "no log failed for want of a descriptor");
});

/** A directory with a `node` that is too old, to be the first one found. */
function oldNode(): string {
  const directory = scratch.file("old-node");
  if (!existsSync(directory)) {
    mkdirSync(directory);
    writeFileSync(join(directory, "node"), '#!/bin/sh\n[ "$1" = -p ] && { echo false; exit 0; }\nexit 9\n');
    chmodSync(join(directory, "node"), 0o755);
  }
  return directory;
}

test("where only an old Node.js is found, the one that came with the installation runs", async () => {
  const env = {
    PATH: `${oldNode()}:/usr/bin:/bin`,
    OTTLA_PORT: String(await freePort()),
    OTTLA_DATA_DIR: scratch.file("quickstart"),
  };
  running = await startNode(["--quickstart"], { env });
  const client = await WireClient.connect(Number(env.OTTLA_PORT));
  assert.equal(await client.createTopic("greetings"), 0);
  assert.equal(await client.produce("greetings", "hello"), 0);
  client.close();
  assert.equal((await running.end("SIGINT")).code, 130);
});

test("npm start serves on a machine whose own Node.js is old", async (context) => {
  // Without what npm itself put in front when it runs these tests.
  const path = (process.env.PATH ?? "").split(":").filter((each) => !each.endsWith("node_modules/.bin"));
  const npm = path.map((each) => join(each, "npm")).find((each) => existsSync(each));
  if (npm === undefined) {
    context.skip("there is no npm");
    return;
  }
  const directory = scratch.file("npm start");
  const env = {
    PATH: path.join(":"),
    OTTLA_PORT: String(await freePort()),
    OTTLA_DATA_DIR: directory,
  };
  running = new Program(npm, ["start"], { env, isGroup: true });
  await running.prints("Try next, in another terminal: ");
  assert.ok(running.out.includes(`Data directory: ${directory}\n`), running.out);
  assert.ok(running.out.includes(`Kafka clients can connect to localhost:${env.OTTLA_PORT}.`), running.out);
  const client = await WireClient.connect(Number(env.OTTLA_PORT));
  assert.equal(await client.createTopic("greetings"), 0);
  assert.equal(await client.produce("greetings", "hello"), 0);
  client.close();
  const { out } = await running.end("SIGINT");
  assert.ok(out.includes("shut down completed"), out);
});

test("where no Node.js is new enough, one line says what to do", async () => {
  const bare = new Scratch();
  try {
    const bin = separateInstallation(bare);
    execFileSync("rm", [bare.file("installation/node_modules")]);
    symlinkSync(scratch.path, bare.file("installation/node_modules"));
    const env = { PATH: `${oldNode()}:/usr/bin:/bin` };
    const ended = await run(`${bin}/kafka-server-start.sh`, [file], { env });
    assert.deepEqual([ended.code, ended.out], [1, ""]);
    const line = `Ottla needs Node.js 24 or newer: run 'npm install' in ${bare.file("installation")}, which brings one along.\n`;
    assert.equal(ended.err, line);
  } finally {
    bare.remove();
  }
});
