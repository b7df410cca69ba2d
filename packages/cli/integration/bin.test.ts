// Every script in bin/ as a user starts it: it finds Node and its bundle, from any directory and by a link.
import assert from "node:assert/strict";
import { readdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { build, run, Scratch } from "./installation.ts";

const bin = resolve(import.meta.dirname, "../../../bin");
const scratch = new Scratch();
/** Tools without an option table: `--help` is what each of them knows. */
const withSubCommands = [
  "cluster",
  "producer-perf-test",
  "storage",
  "verifiable-consumer",
  "verifiable-producer",
];

before(() => build());
after(() => scratch.remove());

for (const script of readdirSync(bin).filter((name) => /^kafka-(?!server-).*\.sh$/.test(name))) {
  const name = script.slice("kafka-".length, -".sh".length);
  test(`${script} starts`, async () => {
    if (withSubCommands.includes(name)) {
      const { out } = await run(script, ["--help"], { cwd: scratch.path });
      assert.match(out, /^usage: /);
      return;
    }
    const { code, out, err } = await run(script, ["--version"], { cwd: scratch.path });
    // Apache Kafka says so of one of them, whatever it is asked.
    const complaint = err.replace(/^\[.*\] WARN This tool is deprecated .*\n/, "");
    assert.deepEqual([code, out, complaint], [0, "4.3.1\n", ""]);
  });
}

test("ottla starts, also through a link", async () => {
  const link = scratch.file("ottla");
  symlinkSync(join(bin, "ottla"), link);
  const { code, out } = await run(link, ["version", "--json"], { cwd: scratch.path });
  assert.deepEqual([code, (JSON.parse(out) as { kafka: string }).kafka], [0, "4.3.1"]);
});

test("ottla starts what starts a broker", async () => {
  const missing = scratch.file("missing.properties");
  const { code, out, err } = await run("ottla", ["broker", "start", missing]);
  assert.equal(code, 1);
  assert.match(out + err, /missing\.properties: no such file/);
});
