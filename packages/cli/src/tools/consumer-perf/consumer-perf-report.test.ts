import assert from "node:assert/strict";
import { test } from "node:test";
import { ConsumerPerfReport, headerLine } from "./consumer-perf-report.ts";
import { javaDateFormat } from "./java-date-format.ts";

test("the line of a run has four fractions and counts joining apart", () => {
  let text = "";
  const startMs = new Date(2026, 10, 21, 10, 29, 15, 618).getTime();
  const report = new ConsumerPerfReport({
    isDetailed: false,
    reportMs: 5000,
    date: javaDateFormat("yyyy-MM-dd HH:mm:ss:SSS"),
    startMs,
    out: (line) => {
      text += line;
    },
  });
  report.joined(startMs + 3642);
  for (let i = 0; i < 1000; i++) report.record(100, startMs + 3700);
  report.finish(startMs + 3717);
  assert.equal(
    text,
    "2026-11-21 10:29:15:618, 2026-11-21 10:29:19:335, 0.0954, 0.0257, 1000, 269.0342, 3642, 75, 1.2716, 13333.3333\n",
  );
});

test("lines of intervals come with the first record behind each interval", () => {
  let text = headerLine(true);
  const report = new ConsumerPerfReport({
    isDetailed: true,
    reportMs: 100,
    date: String,
    startMs: 0,
    out: (line) => {
      text += line;
    },
  });
  report.joined(40);
  report.record(1024 * 1024, 50);
  report.record(1024 * 1024, 200);
  report.record(1024 * 1024, 250);
  report.finish(300);
  assert.equal(
    text,
    "time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n" +
      "200, 0, 2.0000, 10.0000, 2, 10.0000, 40, 160, 12.5000, 12.5000\n",
  );
});

test("dates follow Java's patterns", () => {
  const at = new Date(2026, 0, 2, 3, 4, 5, 6).getTime();
  assert.equal(javaDateFormat("yy/M/dd 'at' h''m a SSS")(at), "26/1/02 at 3'4 AM 006");
  assert.throws(() => javaDateFormat("yyyy'x"), { message: "Unterminated quote" });
  assert.throws(() => javaDateFormat("b"), { message: "Illegal pattern character 'b'" });
});
