// Tests of command lines out of older notes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { collectingHost } from "../tools/testing/tool-run.ts";
import { withModernBootstrap } from "./modern-bootstrap.ts";
import { flag, valued } from "./option.ts";
import { OptionTable } from "./option-table.ts";

const table: OptionTable = new OptionTable([valued("bootstrap-server", null, "x"), flag("list", "x")]);

function modern(words: readonly string[], strict = false): { words: readonly string[]; err: string } {
  const environment = new Map(strict ? [["KAFKA_STRICT_CLI", "1"]] : []);
  const collecting = collectingHost([], { environment });
  return { words: withModernBootstrap(words, table, collecting.host), err: collecting.err() };
}

test("--broker-list names bootstrap servers, with one line of warning", () => {
  const { words, err } = modern(["--list", "--broker-list", "a:1"]);
  assert.deepEqual(words, ["--list", "--bootstrap-server", "a:1"]);
  assert.equal(err, "Warning: --broker-list is deprecated, use --bootstrap-server instead.\n");
  assert.deepEqual(modern(["--broker-list=a:1"]).words, ["--bootstrap-server", "a:1"]);
});

test("--zookeeper means the broker of this machine, unless brokers are named", () => {
  const { words, err } = modern(["--list", "--zookeeper", "localhost:2181"]);
  assert.deepEqual(words, ["--list", "--bootstrap-server", "localhost:9092"]);
  assert.match(err, /^Warning: --zookeeper is deprecated.*localhost:9092 is used, not localhost:2181\.\n$/);
  const both = modern(["--zookeeper", "z:2181", "--bootstrap-server", "a:1"]);
  assert.deepEqual(both.words, ["--bootstrap-server", "a:1"]);
});

test("strict command lines stay as they are", () => {
  const words = ["--list", "--zookeeper", "localhost:2181"];
  assert.deepEqual(modern(words, true), { words, err: "" });
});
