// The ottla command against a broker: what people read and what programs read.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type StartedBroker, startBroker } from "@ottla/testkit";
import { ottlaTool } from "../src/tools/ottla/ottla-tool.ts";
import { runTool, type ToolRun } from "../src/tools/testing/tool-run.ts";

let broker: StartedBroker;

before(async () => {
  broker = await startBroker();
});
after(() => broker.stop());

function ottla(words: readonly string[], input = ""): Promise<ToolRun> {
  const environment = new Map([["OTTLA_BOOTSTRAP_SERVER", broker.bootstrap]]);
  return runTool(ottlaTool, words, input === "" ? [] : [new TextEncoder().encode(input)], { environment });
}

async function json(...words: readonly string[]): Promise<unknown> {
  const { code, out, err } = await ottla([...words, "--json"]);
  assert.deepEqual([code, err], [0, ""]);
  return JSON.parse(out);
}

test("a topic is created, shown, filled, read and deleted", async () => {
  assert.equal((await ottla(["topics", "create", "orders", "--partitions", "2"])).out, "Created orders.\n");
  const listed = [{ topic: "orders", partitions: 2, replicas: 1, internal: false }];
  assert.deepEqual(await json("topics", "list"), listed);
  assert.equal((await ottla(["produce", "orders", "--key-separator", ":"], "k:one\nk:two\n")).code, 0);
  const read = await ottla(["consume", "orders", "--from-beginning", "--until-end"]);
  assert.deepEqual([read.code, read.out], [0, "one\ntwo\n"]);
  const one = await ottla(["consume", "orders", "--from-beginning", "--max-records", "1", "--json"]);
  const { key, value, offset } = JSON.parse(one.out) as Record<string, unknown>;
  assert.deepEqual([key, value, offset], ["k", "one", 0]);
  assert.equal((await ottla(["topics", "delete", "orders"])).out, "Deleted orders.\n");
  assert.deepEqual(await json("topics", "list"), []);
});

test("offsets of a group are shown, set and deleted", async () => {
  await ottla(["topics", "create", "events"]);
  await ottla(["produce", "events"], "a\nb\nc\n");
  const shown = await ottla(["groups", "reset", "readers", "--topic", "events", "--to-latest"]);
  assert.equal(shown.err, "Nothing was changed; --execute makes it so.\n");
  assert.deepEqual(await json("groups", "list"), []);
  await ottla(["groups", "reset", "readers", "--topic", "events", "--to-offset", "1", "--execute"]);
  const [row] = (await json("groups", "describe", "readers")) as Record<string, unknown>[];
  assert.deepEqual([row?.topic, row?.committed, row?.end, row?.lag], ["events", 1, 3, 2]);
  assert.equal((await ottla(["groups", "delete", "readers"])).out, "Deleted readers.\n");
});

test("settings are shown and changed", async () => {
  await ottla(["topics", "create", "kept"]);
  const changed = (await json("topics", "config", "kept", "retention.ms=60000")) as { name: string }[];
  assert.ok(changed.some(({ name }) => name === "retention.ms"));
  await ottla(["configs", "set", "topic", "kept", "retention.ms="]);
  const own = (await json("configs", "describe", "topic", "kept")) as unknown[];
  assert.deepEqual(own, []);
});

test("the cluster tells who it is", async () => {
  const cluster = (await json("cluster", "describe")) as { brokers: { port: number }[] };
  assert.equal(cluster.brokers[0]?.port, broker.port);
  const apis = (await json("cluster", "apis")) as { api: string }[];
  assert.ok(apis.some(({ api }) => api === "Produce"));
});

test("what does not work ends in 1, what makes no sense in 2, each with one line", async () => {
  const missing = await ottla(["topics", "describe", "nowhere"]);
  assert.deepEqual([missing.code, missing.out, missing.err.split("\n").length], [1, "", 2]);
  const unknown = await ottla(["topic", "list"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /did you mean `ottla topics list`/);
  assert.equal((await ottla(["topics", "create"])).code, 2);
  assert.equal((await ottla(["topics", "list", "--nosuch"])).code, 2);
});

test("where no broker answers, one line says so", async () => {
  const ended = await runTool(ottlaTool, ["topics", "list", "--command-config", "/fast.properties"], [], {
    environment: new Map([["OTTLA_BOOTSTRAP_SERVER", "127.0.0.1:1"]]),
    absolutePath: () => join(import.meta.dirname, "fast.properties"),
  });
  assert.deepEqual([ended.code, ended.out, ended.err], [1, "", "ottla: No broker answers.\n"]);
});

test("names of topics are completed", async () => {
  await ottla(["topics", "create", "completed"]);
  assert.equal((await ottla(["__complete", "topics", "describe", "compl"])).out, "completed\n");
});
