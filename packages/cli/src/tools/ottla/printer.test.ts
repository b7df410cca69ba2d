// Tests of what people and programs read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { collectingHost } from "../testing/tool-run.ts";
import { Printer } from "./printer.ts";

const rows = [
  { topic: "a", partitions: 12, replicas: [1, 2] },
  { topic: "long-name", partitions: 1, replicas: null },
];

test("rows are a table for people", () => {
  const collecting = collectingHost();
  new Printer(collecting.host, false).rows(["topic", "partitions", "replicas"], rows);
  assert.equal(
    collecting.out(),
    "TOPIC      PARTITIONS  REPLICAS\na          12          1,2\nlong-name  1           -\n",
  );
});

test("rows are an array for programs, with every field", () => {
  const collecting = collectingHost();
  new Printer(collecting.host, true).rows(["topic"], rows);
  assert.deepEqual(JSON.parse(collecting.out()), rows);
});
