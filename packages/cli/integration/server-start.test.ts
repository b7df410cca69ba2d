// What keeps a node from starting: one clear line and exit code 1.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import {
  build,
  type Ended,
  format,
  freePort,
  nodeSettings,
  run,
  Scratch,
  startNode,
} from "./installation.ts";

const scratch = new Scratch();
let settings: Record<string, string | number>;
let file: string;

before(async () => {
  build();
  settings = nodeSettings([await freePort(), await freePort()], scratch.file("data"));
  file = scratch.properties("server.properties", settings);
  assert.equal((await format(file)).code, 0);
});
after(() => scratch.remove());

function refused(...words: string[]): Promise<Ended> {
  return run("kafka-server-start.sh", words);
}

/** The lines of level ERROR. */
function errorLines({ out }: Ended): string[] {
  return out.split("\n").filter((line) => line.includes("] ERROR "));
}

test("without a file it prints the usage; the version needs none", async () => {
  const bare = await refused();
  assert.equal(bare.code, 1);
  assert.match(bare.out, /^USAGE: .*kafka-server-start.sh \[-daemon\] server.properties/);
  const version = await refused("--version");
  assert.deepEqual([version.code, version.out], [0, "4.3.1\n"]);
});

test("a directory that was never formatted is named, and the command that formats it", async () => {
  const directory = scratch.file("bare");
  const ended = await refused(file, "--override", `log.dirs=${directory}`);
  assert.equal(ended.code, 1);
  const [line = "", ...more] = errorLines(ended);
  assert.deepEqual(more, []);
  assert.ok(line.includes("No readable meta.properties files found."), line);
  assert.ok(line.includes(`No \`meta.properties\` found in ${directory}`), line);
  assert.ok(line.includes("bin/kafka-storage.sh format --standalone -t "), line);
});

test("unknown keys and bad values are each told in a line", async () => {
  const bad = scratch.properties("bad.properties", {
    ...settings,
    "num.partition": 3,
    "log.retention.ms": "abc",
  });
  const ended = await refused(bad);
  assert.equal(ended.code, 1);
  const [unknown = "", value = "", ...more] = errorLines(ended);
  assert.deepEqual(more, []);
  assert.match(
    unknown,
    /bad.properties:7: num.partition: Unknown configuration key \(did you mean num.partitions\?\)/,
  );
  assert.match(
    value,
    /bad.properties:8: .*Invalid value abc for configuration log.retention.ms: Not a number/,
  );
  const override = await refused(file, "--override", "node.id=-5");
  assert.match(errorLines(override)[0] ?? "", /--override: .*Value must be at least 0/);
});

test("a port in use is told by address", async () => {
  const taken = createServer();
  const port = await freePort();
  await new Promise<void>((done) => {
    taken.listen(port, "127.0.0.1", done);
  });
  const listeners = `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:0`;
  const ended = await refused(file, "--override", listeners);
  taken.close();
  assert.equal(ended.code, 1);
  const lines = errorLines(ended);
  assert.equal(lines.length, 1, ended.out);
  assert.ok(lines[0]?.includes(`failed to bind to 127.0.0.1:${port}: Address already in use`), lines[0]);
});

test("a directory in use is refused, and its user goes on", async () => {
  const first = await startNode([file]);
  try {
    const other = `listeners=PLAINTEXT://127.0.0.1:${await freePort()},CONTROLLER://127.0.0.1:0`;
    const ended = await refused(file, "--override", other);
    assert.equal(ended.code, 1);
    const lines = errorLines(ended);
    assert.equal(lines.length, 1, ended.out);
    assert.match(lines[0] ?? "", /data: another process uses this log directory \(\.lock is held\)/);
    assert.equal(first.child.exitCode, null);
  } finally {
    await first.end("SIGTERM");
  }
});

test("another node's directory is refused", async () => {
  const ended = await refused(file, "--override", "node.id=2");
  assert.equal(ended.code, 1);
  assert.match(errorLines(ended)[0] ?? "", /belongs to node 1, this is node 2/);
});

test("off a terminal the log is JSON, a line each", async () => {
  const ended = await run("kafka-server-start.sh", ["nosuch.properties"], { env: { OTTLA_LOG_FORMAT: "" } });
  assert.equal(ended.code, 1);
  const { level, logger, msg } = JSON.parse(ended.out);
  assert.deepEqual([level, logger], ["error", "kafka.Kafka$"]);
  assert.match(msg, /nosuch.properties: no such file$/);
});

test("the quickstart formats a directory of the user once, tells it, and what to try next", async () => {
  const directory = scratch.file("user data");
  const env = { OTTLA_PORT: String(await freePort()), OTTLA_DATA_DIR: directory };
  for (const attempt of ["new", "used"]) {
    const node = await startNode(["--quickstart"], { env });
    await node.prints("Try next, in another terminal: ");
    const ended = await node.end("SIGINT");
    assert.equal(ended.code, 130, attempt);
    assert.ok(ended.out.startsWith(`Data directory: ${directory}\n`), ended.out);
    assert.ok(ended.out.includes(`kcat -b localhost:${env.OTTLA_PORT} -t greetings -P`));
  }
});

test("the quickstart tells in a line what to do about a taken port", async () => {
  const taken = createServer();
  const port = await freePort();
  await new Promise<void>((done) => {
    taken.listen(port, done);
  });
  const env = { OTTLA_PORT: String(port), OTTLA_DATA_DIR: scratch.file("port data") };
  const ended = await run("kafka-server-start.sh", ["--quickstart"], { env });
  taken.close();
  assert.equal(ended.code, 1);
  const lines = errorLines(ended);
  assert.equal(lines.length, 1, ended.out);
  assert.match(lines[0] ?? "", /Address already in use. .* OTTLA_PORT=19092 npm start/);
});
