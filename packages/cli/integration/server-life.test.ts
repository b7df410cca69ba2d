// A node from start to stop: a clean end, a kill, a daemon, the stop script, the operation port.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import {
  build,
  type Ended,
  format,
  freePort,
  nodeSettings,
  type Program,
  run,
  Scratch,
  separateInstallation,
  startNode,
} from "./installation.ts";
import { WireClient } from "./wire-client.ts";

const scratch = new Scratch();
let port: number;
let metricsPort: number;
let file: string;
let running: Program | null = null;

before(async () => {
  build();
  port = await freePort();
  metricsPort = await freePort();
  const settings = nodeSettings([port, await freePort()], scratch.file("data"));
  file = scratch.properties("server-1.properties", {
    ...settings,
    "ottla.metrics.listener": `127.0.0.1:${metricsPort}`,
    // Nothing here may wait for the session of a node that is gone.
    "broker.session.timeout.ms": 3_600_000,
  });
  assert.equal((await format(file)).code, 0);
});
after(() => scratch.remove());
afterEach(async () => {
  await running?.end("SIGKILL");
  running = null;
});

async function start(): Promise<Program> {
  running = await startNode([file]);
  return running;
}

test("SIGTERM ends a node with 143, its records stored and its directory marked clean", async () => {
  const node = await start();
  const client = await WireClient.connect(port);
  assert.equal(await client.createTopic("orders"), 0);
  for (const value of ["one", "two", "three"]) assert.equal(await client.produce("orders", value), 0);
  const ended = await node.end("SIGTERM");
  assert.equal(ended.code, 143);
  assert.ok(ended.out.includes("Terminating process due to signal SIGTERM"));
  assert.ok(ended.out.includes("shut down completed"));
  assert.ok(existsSync(scratch.file("data/.kafka_cleanshutdown")));
  const again = await start();
  assert.match(again.out, /INFO Loaded 1 logs of .+ in \d+ms \(kafka.log.LogManager\)/);
  const reader = await WireClient.connect(port);
  assert.deepEqual(await reader.fetchAll("orders"), ["one", "two", "three"]);
  reader.close();
});

test("SIGINT ends with 130, SIGHUP not at all", async () => {
  const node = await start();
  node.child.kill("SIGHUP");
  await node.prints("Ignoring signal SIGHUP");
  assert.equal((await node.end("SIGINT")).code, 130);
});

test("after a kill every acknowledged record is there, once, and the next is taken an hour before the old session ends", async () => {
  const node = await start();
  const client = await WireClient.connect(port);
  assert.equal(await client.createTopic("payments"), 0);
  const acknowledged: string[] = [];
  let isKilled = false;
  for (let count = 0; !isKilled; count++) {
    const value = `payment ${count}`;
    if (count === 500) node.child.kill("SIGKILL");
    const error = await client.produce("payments", value);
    if (error === 0) acknowledged.push(value);
    else isKilled = true;
  }
  await node.ended;
  await start();
  const again = await WireClient.connect(port);
  assert.equal(await again.produce("payments", "after"), 0);
  const values = await again.fetchAll("payments");
  again.close();
  assert.deepEqual(values.slice(0, acknowledged.length), acknowledged);
  // The record under way at the kill may be stored although nobody was told.
  assert.ok(values.length - acknowledged.length <= 2, `${values.length} of ${acknowledged.length}`);
  assert.equal(values.at(-1), "after");
});

test("health and metrics are told over HTTP", async () => {
  const node = await start();
  const url = `http://127.0.0.1:${metricsPort}`;
  const health = await fetch(`${url}/healthz`);
  assert.deepEqual([health.status, await health.text()], [200, "ok\n"]);
  const client = await WireClient.connect(port);
  await client.createTopic("counted");
  client.close();
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assert.match(metrics, /^ottla_request_duration_ms_count\{api="CreateTopics"\} 1$/m);
  assert.match(metrics, /^ottla_broker_fenced 0$/m);
  assert.match(metrics, /^process_resident_memory_bytes \d+$/m);
  assert.equal((await fetch(url)).status, 404);
  assert.equal((await fetch(`${url}/metrics`, { method: "POST" })).status, 405);
  assert.equal((await node.end("SIGTERM")).code, 143);
});

test("a daemon is found in ps by its file, and stopped by the scripts of its installation alone", async () => {
  const bin = separateInstallation(scratch);
  const stop = (...words: string[]): Promise<Ended> => run(`${bin}/kafka-server-stop.sh`, words);
  assert.deepEqual(await stop(), { code: 1, out: "No kafka server to stop\n", err: "" });
  const log = scratch.file("logs/kafkaServer.out");
  const env = { LOG_DIR: scratch.file("logs") };
  const daemon = await run(`${bin}/kafka-server-start.sh`, ["-daemon", file], { env });
  assert.deepEqual([daemon.code, daemon.out], [0, ""]);
  await until(() => existsSync(log) && readFileSync(log, "utf8").includes("Kafka Server started"));
  const list = await run("/bin/ps", ["-A", "-ww", "-o", "pid=,args="]);
  const line = list.out.split("\n").find((each) => each.includes(file));
  const pid = Number.parseInt(line ?? "", 10);
  try {
    assert.ok(pid > 0, list.out);
    assert.equal((await stop("--node-id=77")).code, 0);
    assert.equal((await stop("--process-role=controller", "--node-id=77")).code, 0);
    assert.ok(isAlive(pid));
    assert.deepEqual(await stop("--process-role=broker", "--node-id=1"), { code: 0, out: "", err: "" });
    await until(() => !isAlive(pid));
  } finally {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  }
  assert.ok(readFileSync(log, "utf8").includes("shut down completed"));
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  const lateMs = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > lateMs) throw new Error("not in time");
    await new Promise((wake) => {
      setTimeout(wake, 20);
    });
  }
}
