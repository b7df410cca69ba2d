// `ottla log …` over the golden data directory of Apache Kafka, as it is and damaged.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Disk, FakeWorld } from "@ottla/ports";
import { runTool, type ToolRun } from "../../testing/tool-run.ts";
import { ottlaTool } from "../ottla-tool.ts";
import { explanations } from "./explanations.ts";

const golden = fileURLToPath(new URL("../../../../../protocol/goldens/segments/data/", import.meta.url));
const DATA = "/data";
const SEGMENT = `${DATA}/rolled-0/00000000000000000000.log`;

interface Report {
  readonly directories: readonly {
    readonly inUse: boolean;
    readonly stoppedInOrder: boolean;
    readonly partitions: readonly { readonly partition: string }[];
    readonly findings: readonly {
      readonly kind: string;
      readonly severity: string;
      readonly path: string;
      readonly fromOffset: number | null;
      readonly repaired: boolean | null;
    }[];
  }[];
  readonly left: { readonly lost: number; readonly wrong: number; readonly notes: number };
}

/** The golden directory in a simulated machine. */
class Machine {
  readonly world: FakeWorld = new FakeWorld({ seed: 1 });
  readonly node: ReturnType<FakeWorld["node"]> = this.world.node("a");

  constructor() {
    this.#copy(golden.slice(0, -1), DATA);
  }

  get disk(): Disk {
    return this.node.ports.disk;
  }

  async ottla(...words: readonly string[]): Promise<ToolRun> {
    let isEnded = false;
    const run = runTool(ottlaTool, words, [], { ports: this.node.ports }).finally(() => {
      isEnded = true;
    });
    while (!isEnded) {
      this.world.run({ ms: 100 });
      await new Promise((resume) => setImmediate(resume));
    }
    return run;
  }

  async report(...words: readonly string[]): Promise<{ readonly code: number; readonly report: Report }> {
    const { code, out, err } = await this.ottla(...words, "--json");
    assert.equal(err, "");
    return { code, report: JSON.parse(out) as Report };
  }

  flip(path: string, position: number): void {
    const bytes = this.disk.readFile(path).slice();
    bytes[position] = (bytes[position] ?? 0) ^ 1;
    this.disk.replaceFile(path, bytes);
  }

  #copy(from: string, to: string): void {
    this.disk.makeDirectory(to);
    for (const name of readdirSync(from)) {
      const path = `${from}/${name}`;
      if (statSync(path).isDirectory()) this.#copy(path, `${to}/${name}`);
      else this.disk.replaceFile(`${to}/${name}`, readFileSync(path));
    }
  }
}

test("nothing is wrong with a directory that Apache Kafka wrote", async () => {
  const machine = new Machine();
  const { code, out, err } = await machine.ottla("log", "verify", DATA);
  assert.equal(err, "");
  assert.match(out, /^\/data: node 1 of cluster \S+, stopped in order; looked at 11 partitions, 15 segments/);
  assert.match(out, /\n\nNothing is wrong\.\n$/);
  assert.equal(code, 0);
});

test("damage is told in words and as data, and the exit code is 1", async () => {
  const machine = new Machine();
  machine.flip(SEGMENT, 100);
  const told = await machine.ottla("log", "verify", `${DATA}/rolled-0`);
  assert.equal(told.code, 1);
  assert.match(told.out, /rolled-0\/0{20}\.log\n  lost {3}Damaged in bytes \d+ to \d+: records? at offset/);
  assert.match(told.out, /means .*\n +a start .*\n +a repair .*\n\n1 with lost records\.\n$/);
  const { code, report } = await machine.report("log", "verify", DATA);
  assert.equal(code, 1);
  assert.deepEqual(report.left, { lost: 1, wrong: 0, notes: 0 });
  assert.equal(report.directories[0]?.findings[0]?.kind, "damage");
  assert.equal(report.directories[0]?.findings[0]?.repaired, null);
});

test("one partition can be looked at alone", async () => {
  const machine = new Machine();
  machine.flip(SEGMENT, 100);
  const { code, report } = await machine.report("log", "verify", `${DATA}/three-0`, `${DATA}/three-1`);
  assert.equal(code, 0);
  assert.deepEqual(
    report.directories[0]?.partitions.map(({ partition }) => partition),
    ["three-0", "three-1"],
  );
});

test("a repair makes an index again, and a dry run does nothing", async () => {
  const machine = new Machine();
  const index = SEGMENT.replace(".log", ".timeindex");
  const right = machine.disk.readFile(index).slice();
  machine.flip(index, 5);
  const wrong = machine.disk.readFile(index).slice();
  const dry = await machine.report("log", "repair", "--dry-run", DATA);
  assert.equal(dry.code, 1);
  assert.deepEqual(machine.disk.readFile(index), wrong);
  const real = await machine.report("log", "repair", DATA);
  assert.equal(real.code, 0);
  assert.deepEqual(
    real.report.directories[0]?.findings.map(({ repaired }) => repaired),
    [true],
  );
  assert.deepEqual(machine.disk.readFile(index).subarray(-12), right.subarray(-12));
  assert.equal((await machine.ottla("log", "verify", DATA)).code, 0);
});

test("a repair refuses a directory in use, and a look says that it is", async () => {
  const machine = new Machine();
  machine.disk.replaceFile(`${DATA}/.lock`, new Uint8Array(0));
  const lock = machine.disk.lock(DATA);
  const { code, out, err } = await machine.ottla("log", "repair", DATA);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^ottla: \/data: a broker uses this log directory .*stop it first\n$/);
  const { report } = await machine.report("log", "verify", DATA);
  assert.equal(report.directories[0]?.inUse, true);
  lock?.release();
});

test("what is not there cannot be looked at", async () => {
  const machine = new Machine();
  const { code, out, err } = await machine.ottla("log", "verify", "/nowhere");
  assert.deepEqual([code, out], [2, ""]);
  assert.equal(err, "ottla: /nowhere: there is no such directory, and no such partition\n");
});

test("every kind says what it means", () => {
  for (const [kind, { meaning, onStart, what }] of Object.entries(explanations)) {
    assert.ok(meaning.length > 3 && onStart.length > 3, kind);
    assert.ok(what({ kind: "damage", path: "", mendedBy: "nobody" }).length > 3, kind);
  }
});
