// Log directories that a node must not use: one line that names the directory and what is wrong, exit code 1,
// and nothing changed in them.
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, beforeEach, test } from "node:test";
import { build, type Ended, format, freePort, nodeSettings, run, Scratch } from "./installation.ts";

const nobody = 65_534;
const scratch = new Scratch();
const [one, two] = [scratch.file("one"), scratch.file("two")];
let file: string;

before(async () => {
  build();
  const settings = nodeSettings([await freePort(), await freePort()], `${one},${two}`);
  file = scratch.properties("server.properties", settings);
  assert.equal((await format(file)).code, 0);
  for (const path of [one, two]) cpSync(path, `${path} as formatted`, { recursive: true });
});
beforeEach(() => {
  for (const path of [one, two]) {
    rmSync(path, { recursive: true, force: true });
    cpSync(`${path} as formatted`, path, { recursive: true });
  }
});
after(() => scratch.remove());

/** Starts the node and expects it to end with one line of level ERROR. */
async function refusal(uid?: number): Promise<string> {
  const options = uid === undefined ? {} : { uid };
  const ended: Ended = await run("kafka-server-start.sh", [file], options);
  assert.equal(ended.code, 1, ended.out + ended.err);
  const lines = ended.out.split("\n").filter((line) => line.includes("] ERROR "));
  assert.equal(lines.length, 1, ended.out + ended.err);
  return lines[0] ?? "";
}

const properties = (): string => readFileSync(`${two}/meta.properties`, "utf8");

function change(key: string, value: string): void {
  writeFileSync(`${two}/meta.properties`, properties().replace(new RegExp(`${key}=.*`), `${key}=${value}`));
}

test("directories of two clusters are named with both ids", async () => {
  change("cluster.id", "AAAAAAAAAAAAAAAAAAAAAA");
  const before = readdirSync(two);
  const line = await refusal();
  assert.ok(line.includes(`Invalid cluster.id in: ${two}/meta.properties. Expected wYart7pTRQaBmxuySsmbIQ`));
  assert.ok(line.includes("but read AAAAAAAAAAAAAAAAAAAAAA"), line);
  assert.deepEqual(readdirSync(two), before);
});

test("a directory of another node is refused", async () => {
  change("node.id", "7");
  assert.ok((await refusal()).includes(`${two}: belongs to node 7, this is node 1`));
});

test("a copy of another directory is refused", async () => {
  rmSync(two, { recursive: true });
  cpSync(one, two, { recursive: true });
  assert.ok((await refusal()).includes(`Duplicate directory.id in: ${two}/meta.properties. ${one} has `));
});

test("what cannot be understood in meta.properties is told", async () => {
  const cases: readonly (readonly [() => void, string])[] = [
    [() => writeFileSync(`${two}/meta.properties`, ""), "version 1 expected, found none"],
    [() => writeFileSync(`${two}/meta.properties`, Uint8Array.of(0, 255, 61, 7)), "version 1 expected"],
    [() => writeFileSync(`${two}/meta.properties`, properties().slice(0, 60)), "expected"],
    [() => change("version", "7"), "version 1 expected, found 7"],
    [() => change("node.id", "one"), 'node.id "one" is not a number'],
    [() => change("directory.id", "!"), 'directory.id "!" is not an id'],
    [
      () => writeFileSync(`${two}/meta.properties`, properties().replace(/cluster.id=.*\n/, "")),
      "no cluster.id",
    ],
  ];
  for (const [spoil, expected] of cases) {
    rmSync(two, { recursive: true });
    cpSync(`${two} as formatted`, two, { recursive: true });
    spoil();
    const line = await refusal();
    assert.ok(line.includes(`${two}/meta.properties`) && line.includes(expected), line);
  }
});

test("a file and a directory in the place of the other are told", async () => {
  rmSync(two, { recursive: true });
  writeFileSync(two, "");
  assert.ok((await refusal()).includes(`${two} is not a directory`));
  rmSync(two);
  mkdirSync(`${two}/meta.properties`, { recursive: true });
  const line = await refusal();
  assert.ok(line.includes(`${two}/meta.properties`) && line.includes("EISDIR"), line);
});

test("a directory that may not be read, and one that may not be written, are told", async () => {
  // Nothing is forbidden to root.
  const uid = process.getuid?.() === 0 ? nobody : undefined;
  chmodSync(scratch.path, 0o755);
  chmodSync(two, 0o000);
  const unreadable = await refusal(uid);
  assert.ok(unreadable.includes(two) && unreadable.includes("EACCES"), unreadable);
  for (const path of [one, two]) chmodSync(path, 0o555);
  const unwritable = await refusal(uid);
  assert.ok(unwritable.includes(one) && unwritable.includes("EACCES"), unwritable);
  for (const path of [one, two]) chmodSync(path, 0o755);
});
