// Tests of regular expressions over topic names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { topicFilter } from "./topic-filter.ts";

test("an expression matches whole names, commas are alternatives, quotes are dropped", () => {
  const filter = topicFilter("'te.*, par.*'", false);
  assert.deepEqual(["test", "parts", "attest", "__proto__"].filter(filter), ["test", "parts"]);
});

test("internal topics can be left out, and no expression matches all", () => {
  const names = ["__consumer_offsets", "orders"];
  assert.deepEqual(names.filter(topicFilter(null, false)), names);
  assert.deepEqual(names.filter(topicFilter(null, true)), ["orders"]);
});

test("what is no expression is told in Kafka's words", () => {
  assert.throws(() => topicFilter("*", false), { message: "* is an invalid regex." });
});
