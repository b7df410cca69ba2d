import assert from "node:assert/strict";
import { test } from "node:test";
import { targets } from "../report/targets.ts";
import { chooseLoads, loads } from "./loads.ts";

const withTarget = new Set(targets.map(({ load }) => load));
const names = (wishes: readonly string[]): string[] =>
  chooseLoads(loads, wishes, withTarget).map(({ name }) => name);

test("every target names a load that exists, and each load has one name", () => {
  const all = loads.map(({ name }) => name);
  assert.equal(new Set(all).size, all.length);
  for (const { load, peer } of targets) {
    const found = loads.find(({ name }) => name === load);
    assert.ok(found, load);
    assert.ok(found.peers === undefined || found.peers.includes(peer), `${load} of ${peer}`);
  }
});

test("without a wish all loads run but those that have to be asked for", () => {
  assert.ok(names([]).includes("perf-64k"));
  assert.ok(!names([]).includes("perf-100b-acks-1-zstd"));
});

test("loads are chosen by name, by pattern and by having a target, in their order and once", () => {
  assert.deepEqual(names(["perf-16k", "start"]), ["start", "perf-16k"]);
  assert.deepEqual(names(["raw-*", "raw-throughput"]), ["raw-throughput", "raw-one-partition"]);
  assert.equal(names(["perf-*-acks-*"]).length, 19);
  assert.equal(new Set(names(["targets"])).size, withTarget.size);
  assert.throws(() => names(["perf"]), /no load is called perf/);
  assert.throws(() => names([".*x"]), /no load is called/);
});

test("both sizes, both acks and every codec have a load of Kafka's perf tools", () => {
  const all = loads.map(({ name }) => name);
  for (const codec of ["gzip", "lz4", "snappy", "zstd"]) {
    for (const size of ["1k", "100b"]) {
      for (const acks of ["all", "1"]) assert.ok(all.includes(`perf-${size}-acks-${acks}-${codec}`));
    }
  }
});
