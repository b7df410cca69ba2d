// Tests of loggers and their levels.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { PinoLoggers } from "./server-log.ts";

function logOf(): { loggers: PinoLoggers; told: () => string[] } {
  const lines: string[] = [];
  const loggers = new PinoLoggers(pino({ base: null }, { write: (line) => lines.push(line) }));
  const told = (): string[] =>
    lines.splice(0).map((line) => {
      const { logger, msg } = JSON.parse(line) as { logger: string; msg: string };
      return `${logger}: ${msg}`;
    });
  return { loggers, told };
}

test("a logger tells from its own level, or from the root's", () => {
  const { loggers, told } = logOf();
  const [quiet, other] = [loggers.named("a.Quiet"), loggers.named("b.Other")];
  loggers.setLevel("a.Quiet", "ERROR");
  for (const logger of [quiet, other]) {
    logger.info("info");
    logger.error("error");
  }
  assert.deepEqual(told(), ["a.Quiet: error", "b.Other: info", "b.Other: error"]);
  loggers.setLevel("root", "DEBUG");
  for (const logger of [quiet, other]) logger.debug("debug");
  assert.deepEqual(told(), ["b.Other: debug"]);
  loggers.setLevel("a.Quiet", null);
  quiet.debug("debug");
  assert.deepEqual(told(), ["a.Quiet: debug"]);
});

test("levels name the root and every logger that was asked for", () => {
  const { loggers } = logOf();
  loggers.named("a.A");
  loggers.setLevel("a.A", "FATAL");
  loggers.setLevel("root", "WARN");
  loggers.named("b.B");
  assert.deepEqual(
    [...loggers.levels()],
    [
      ["root", "WARN"],
      ["a.A", "FATAL"],
      ["b.B", "WARN"],
    ],
  );
});

test("a logger asked for twice is one, with the level that was set between", () => {
  const { loggers, told } = logOf();
  const first = loggers.named("a.A");
  loggers.setLevel("a.A", "ERROR");
  loggers.named("a.A").info("second");
  first.info("first");
  assert.deepEqual(told(), []);
});
