import assert from "node:assert/strict";
import { test } from "node:test";
import type { Logger } from "@ottla/ports";
import { connectionLimits } from "../limits.ts";
import { Complaints } from "./complaints.ts";

function recorder(): { logger: Logger; lines: unknown[] } {
  const lines: unknown[] = [];
  const none = (): void => {};
  const warn = (_message: string, fields?: unknown): void => {
    lines.push(fields);
  };
  return { lines, logger: { debug: none, info: none, warn, error: none } };
}

test("a peer gets one line per interval, and the next one tells how many were swallowed", () => {
  const { logger, lines } = recorder();
  const complaints = new Complaints(logger);
  for (let count = 0; count < 100; count++) complaints.warn(0, "1.2.3.4", "bad", {});
  complaints.warn(0, "5.6.7.8", "bad", {});
  complaints.warn(connectionLimits.complaintIntervalMs, "1.2.3.4", "bad", {});
  assert.deepEqual(lines, [
    { address: "1.2.3.4" },
    { address: "5.6.7.8" },
    { address: "1.2.3.4", swallowed: 99 },
  ]);
});

test("as many peers as ever may complain: memory is bounded, and a forgotten one is told again", () => {
  const { logger, lines } = recorder();
  const complaints = new Complaints(logger);
  for (let peer = 0; peer <= connectionLimits.complainingPeersMax; peer++) {
    complaints.warn(0, `peer-${peer}`, "bad", {});
  }
  complaints.warn(0, "peer-0", "bad", {});
  assert.equal(lines.length, connectionLimits.complainingPeersMax + 2);
});
