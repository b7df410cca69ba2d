// Tests of who sees progress.
import assert from "node:assert/strict";
import { test } from "node:test";
import { collectingHost } from "../testing/tool-run.ts";
import { Progress } from "./progress.ts";

test("somebody at a terminal sees how far it is, and nothing is left behind", () => {
  const collecting = collectingHost([], { errIsTerminal: true });
  const progress = new Progress(collecting.host, "records", 10);
  progress.report(3);
  progress.report(4);
  progress.end();
  assert.equal(collecting.err(), "\r\u001b[K3 of 10 records\r\u001b[K");
});

test("pipes, and people who see the output itself, do not", () => {
  for (const terminals of [{}, { errIsTerminal: true, outIsTerminal: true }]) {
    const collecting = collectingHost([], terminals);
    const progress = new Progress(collecting.host, "records", null);
    progress.report(3);
    progress.end();
    assert.equal(collecting.err(), "");
  }
});
