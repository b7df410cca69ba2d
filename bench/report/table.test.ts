import assert from "node:assert/strict";
import { test } from "node:test";
import { alignedLines, loadTable, numberCell, targetTable } from "./table.ts";

test("columns are as wide as their widest cell", () => {
  assert.deepEqual(alignedLines([["a", "1"], ["long", "22"], ["b"]]), ["a      1", "long  22", "b"]);
});

test("numbers keep three digits that matter", () => {
  assert.equal(numberCell(0.012345), "0.0123");
  assert.equal(numberCell(12.345), "12.3");
  assert.equal(numberCell(123456.7), "123457");
  assert.equal(numberCell(Number.NaN), "-");
});

test("a load's table shows medians, ratios to Kafka and the spread of several runs", () => {
  const spread = (median: number, min: number, max: number) => ({ median, min, max, runs: 3 });
  const lines = loadTable(
    { "MB/s": { kafka: spread(100, 90, 110), ottla: spread(150, 150, 150) }, rest: {} },
    ["kafka", "ottla"],
  );
  assert.equal(lines.length, 3);
  assert.match(lines[1] ?? "", /^MB\/s\s+100\s+20 %\s+150\s+x1\.50\s+0 %$/);
  assert.match(lines[2] ?? "", /^rest\s+-\s+-$/);
});

test("the table of targets counts what was met, missed and not measured", () => {
  const target = { load: "l", figure: "f", peer: "ottla", against: "kafka", bound: "at most" } as const;
  const lines = targetTable([
    { ...target, about: "one", limit: 0.5, measured: 0.4, otherMode: null, outcome: "met" },
    { ...target, about: "two", limit: 0.5, measured: 0.6, otherMode: 0.1, outcome: "missed" },
    { ...target, about: "three", limit: 0.5, measured: null, otherMode: null, outcome: "not measured" },
  ]);
  assert.match(lines[2] ?? "", /two\s+l\s+<= x0\.5\s+x0\.600\s+x0\.100\s+MISSED$/);
  assert.equal(lines.at(-1), "1 met, 1 missed, 1 not measured");
});
