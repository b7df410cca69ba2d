// Tests of the text form of a log line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { kafkaTextLine } from "./kafka-text-line.ts";

test("a line has time, level, text, fields and the logger in brackets", () => {
  const wallMs = new Date(2026, 10, 21, 9, 5, 7, 42).getTime();
  const line = kafkaTextLine({
    wallMs,
    level: "INFO",
    logger: "ottla.log",
    message: "Loaded logs",
    fields: { count: 3, directory: "/a b", epoch: 5n },
  });
  assert.equal(
    line,
    '[2026-11-21 09:05:07,042] INFO Loaded logs count=3 directory="/a b" epoch=5 (ottla.log)\n',
  );
});

test("the stack of an error follows on its own lines", () => {
  const error = new Error("no space");
  const line = kafkaTextLine({
    wallMs: 0,
    level: "ERROR",
    logger: "ottla",
    message: "Failed",
    fields: { error },
  });
  const [first, second] = line.split("\n");
  assert.match(first ?? "", /ERROR Failed \(ottla\)$/);
  assert.equal(second, "Error: no space");
});
