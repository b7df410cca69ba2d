// Tests of changing levels of loggers. The texts are what Apache Kafka 4.3.1 answered.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Loggers, plainLoggers } from "@ottla/ports";
import { changeLoggers } from "./logger-changes.ts";

const SERVER = "kafka.server.BrokerServer";

function loggersOf(): Loggers {
  const nothing = (): void => {};
  const loggers = plainLoggers({ debug: nothing, info: nothing, warn: nothing, error: nothing });
  loggers.named(SERVER);
  return loggers;
}

function change(name: string, value: string | null, configOperation = value === null ? 1 : 0) {
  return { name, value, configOperation };
}

test("a level holds until it is deleted, then the root's does", () => {
  const loggers = loggersOf();
  const node = { nodeId: 1, loggers };
  assert.equal(changeLoggers(node, "1", [change(SERVER, "ERROR"), change("root", "DEBUG")], false), null);
  assert.deepEqual(
    loggers.levels(),
    new Map([
      ["root", "DEBUG"],
      [SERVER, "ERROR"],
    ]),
  );
  assert.equal(changeLoggers(node, "01", [change(SERVER, null)], false), null);
  assert.deepEqual(
    loggers.levels(),
    new Map([
      ["root", "DEBUG"],
      [SERVER, "DEBUG"],
    ]),
  );
});

test("what is only validated changes nothing", () => {
  const loggers = loggersOf();
  assert.equal(changeLoggers({ nodeId: 1, loggers }, "1", [change("root", "FATAL")], true), null);
  assert.equal(loggers.levels().get("root"), "INFO");
});

const LEVELS = "DEBUG, ERROR, FATAL, INFO, TRACE, WARN";
const REFUSED: readonly [
  name: string,
  changes: ReturnType<typeof change>[],
  error: string,
  message: string,
][] = [
  ["x", [change("root", "INFO")], "INVALID_REQUEST", "Node id must be an integer, but it is: x"],
  ["", [change("root", "INFO")], "INVALID_REQUEST", "Node id must be an integer, but it is: "],
  ["7", [change("root", "INFO")], "INVALID_REQUEST", "Unexpected node id. Expected 1, but received 7"],
  ["1", [change("root", null, 0)], "INVALID_REQUEST", "Null value not supported for : root"],
  [
    "1",
    [change("root", "INFO"), change("root", "WARN")],
    "INVALID_REQUEST",
    "Error due to duplicate config keys",
  ],
  ["1", [change("no.such", "LOUD")], "INVALID_CONFIG", "Logger no.such does not exist!"],
  ["1", [change("__proto__", "INFO")], "INVALID_CONFIG", "Logger __proto__ does not exist!"],
  ["1", [change("no.such", null)], "INVALID_CONFIG", "Logger no.such does not exist!"],
  [
    "1",
    [change("root", null)],
    "INVALID_REQUEST",
    "Removing the log level of the root logger is not allowed",
  ],
  ...["LOUD", "debug", "OFF", " INFO "].map((level): (typeof REFUSED)[number] => [
    "1",
    [change("root", level)],
    "INVALID_CONFIG",
    `Cannot set the log level of root to ${level} as it is not a supported log level. Valid log levels are ${LEVELS}`,
  ]),
  [
    "1",
    [change("no.such", "INFO", 2)],
    "INVALID_REQUEST",
    "APPEND operation is not allowed for the BROKER_LOGGER resource",
  ],
  [
    "1",
    [change("root", "INFO", 3)],
    "INVALID_REQUEST",
    "SUBTRACT operation is not allowed for the BROKER_LOGGER resource",
  ],
];

for (const [name, changes, error, message] of REFUSED) {
  test(`loggers of node "${name}": ${JSON.stringify(changes)} is refused`, () => {
    const refusal = changeLoggers({ nodeId: 1, loggers: loggersOf() }, name, changes, false);
    assert.deepEqual([refusal?.error.name, refusal?.message], [error, message]);
  });
}

test("one bad change spoils the others of its resource", () => {
  const loggers = loggersOf();
  const changes = [change(SERVER, "ERROR"), change("no.such", "INFO")];
  assert.notEqual(changeLoggers({ nodeId: 1, loggers }, "1", changes, false), null);
  assert.equal(loggers.levels().get(SERVER), "INFO");
});
