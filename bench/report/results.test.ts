import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mediansOf, outcomesOf, type Results, readResults, writeResults } from "./results.ts";

const results: Results = {
  run: { scale: 1 },
  disk: [],
  loads: {
    "perf-64k": {
      about: "x",
      failures: [],
      runs: {
        kafka: [{ "broker CPU s/GB produced": 4 }, { "broker CPU s/GB produced": 2 }],
        ottla: [{ "broker CPU s/GB produced": 1 }, {}, { "broker CPU s/GB produced": 2 }],
      },
    },
  },
};

test("medians are made of the runs that gave the figure", () => {
  const row = mediansOf(results.loads)["perf-64k"]?.["broker CPU s/GB produced"];
  assert.equal(row?.kafka?.median, 3);
  assert.equal(row?.ottla?.median, 1.5);
  assert.equal(row?.ottla?.runs, 2);
});

test("each target has an outcome, most of them not measured in a run of one load", () => {
  const outcomes = outcomesOf(results.loads);
  const measured = outcomes.filter(({ outcome }) => outcome !== "not measured");
  assert.deepEqual(
    measured.map(({ about, measured: ratio, outcome }) => [about, ratio, outcome]),
    [["CPU produced, 64 kB batches, fsync", 0.5, "missed"]],
  );
});

test("what was written is read again", () => {
  const directory = mkdtempSync(join(tmpdir(), "ottla-bench-results-"));
  const file = join(directory, "results.json");
  assert.equal(readResults(file), null);
  writeResults(file, results);
  assert.deepEqual(readResults(file)?.loads, results.loads);
  rmSync(directory, { recursive: true });
});
