import assert from "node:assert/strict";
import { test } from "node:test";
import { helpText, readOptions } from "./options.ts";

test("options have their defaults", () => {
  const options = readOptions([]);
  assert.ok(typeof options !== "string");
  const { rounds, scale, peers, json } = options;
  assert.deepEqual([rounds, scale, json], [3, 1, null]);
  assert.deepEqual(peers, ["kafka", "ottla", "ottla-page-cache", "floor"]);
});

test("Kafka goes first whatever the order asked for: others take its rates", () => {
  const options = readOptions(["--peers", "ottla,kafka"]);
  assert.ok(typeof options !== "string");
  assert.deepEqual(options.peers, ["kafka", "ottla"]);
});

test("the help names every option that is taken", () => {
  assert.equal(readOptions(["--help"]), helpText);
  for (const option of ["load", "rounds", "scale", "peers", "json", "continue", "list"]) {
    assert.ok(helpText.includes(`--${option}`), option);
  }
});

test("a wrong option is refused", () => {
  assert.throws(() => readOptions(["--rounds", "0"]), /not a count/);
  assert.throws(() => readOptions(["--scale", "none"]), /not above 0/);
  assert.throws(() => readOptions(["--peers", "redpanda"]), /no peer is called redpanda/);
  assert.throws(() => readOptions(["--load", "nothing"]), /no load is called nothing/);
  assert.throws(() => readOptions(["--continue"]), /needs --json/);
  assert.throws(() => readOptions(["--unknown"]), /Unknown option/);
});
