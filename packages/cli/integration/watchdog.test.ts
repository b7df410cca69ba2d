// A node whose event loop stands still, and one that is stopped as a whole and goes on.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  build,
  format,
  freePort,
  nodeSettings,
  Program,
  Scratch,
  serverStarted,
  startNode,
} from "./installation.ts";
import { WireClient } from "./wire-client.ts";

const startScript = resolve(import.meta.dirname, "../../../bin/kafka-server-start.sh");
const sessionTimeoutMs = 2000;
const scratch = new Scratch();
let port: number;
let metricsPort: number;
let file: string;
let running: Program | null = null;

before(async () => {
  build();
  port = await freePort();
  metricsPort = await freePort();
  file = scratch.properties("server.properties", {
    ...nodeSettings([port, await freePort()], scratch.file("data")),
    "ottla.metrics.listener": `127.0.0.1:${metricsPort}`,
    "broker.session.timeout.ms": sessionTimeoutMs,
    "broker.heartbeat.interval.ms": sessionTimeoutMs / 4,
  });
  assert.equal((await format(file)).code, 0);
});
after(() => scratch.remove());
afterEach(async () => {
  await running?.end("SIGKILL");
  running = null;
});

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

/** A node that does `onSignal` when it gets SIGUSR2, and a client long enough for its loop to be watched. */
async function watchedNode(
  onSignal: string,
  errors: string | null = null,
): Promise<{ node: Program; client: WireClient }> {
  const module = `data:text/javascript,import{writeSync}from"node:fs";process.on("SIGUSR2",()=>{${onSignal}})`;
  const env = { OTTLA_NODE_OPTIONS: `--import=${module}` };
  const redirection = errors === null ? "" : ` 2>>'${errors}'`;
  running = new Program("/bin/sh", ["-c", `exec "$0" "$@"${redirection}`, startScript, file], { env });
  await running.prints(serverStarted);
  assert.equal(await metric("ottla_watchdog_watching"), 0);
  const client = await WireClient.connect(port);
  while ((await metric("ottla_watchdog_watching")) === 0) await sleep(100);
  return { node: running, client };
}

test("a node whose loop is silent for the session timeout is killed, with one line, and loses nothing", async () => {
  const { node, client } = await watchedNode("for(;;);");
  assert.equal(await client.createTopic("kept"), 0);
  assert.equal(await client.produce("kept", "stored"), 0);
  const beganMs = performance.now();
  const ended = await node.end("SIGUSR2");
  const tookMs = performance.now() - beganMs;
  assert.equal(node.child.signalCode, "SIGKILL");
  assert.ok(tookMs >= sessionTimeoutMs * 0.75 && tookMs < sessionTimeoutMs * 4, `after ${tookMs} ms`);
  assert.match(ended.err, /^Killing this process: its event loop did nothing for 2000 ms .*\n$/);
  running = await startNode([file]);
  const reader = await WireClient.connect(port);
  assert.deepEqual(await reader.fetchAll("kept"), ["stored"]);
  reader.close();
});

test("a loop that waits for a reader of its output is killed too, when nobody reads the line", async () => {
  const fifo = scratch.file("errors");
  execFileSync("mkfifo", [fifo]);
  const unread = openSync(fifo, "r+");
  const { node, client } = await watchedNode("for(;;)try{writeSync(2,import.meta.url)}catch{}", fifo);
  const ended = await node.end("SIGUSR2");
  assert.equal(node.child.signalCode, "SIGKILL", ended.out);
  closeSync(unread);
  client.close();
});

test("a node that was stopped as a whole for longer than a session goes on", async () => {
  const { node, client } = await watchedNode("");
  assert.equal(await client.createTopic("before-and-after"), 0);
  for (let stop = 0; stop < 3; stop += 1) {
    node.child.kill("SIGSTOP");
    await sleep(sessionTimeoutMs * 1.5);
    node.child.kill("SIGCONT");
    // Its own controller may have ended its session meanwhile; it comes back by the next heartbeat.
    while ((await client.produce("before-and-after", `after stop ${stop}`)) !== 0) await sleep(50);
  }
  assert.equal(await metric("ottla_watchdog_watching"), 1);
  client.close();
  const ended = await node.end("SIGTERM");
  assert.deepEqual([ended.code, ended.err], [143, ""]);
});
