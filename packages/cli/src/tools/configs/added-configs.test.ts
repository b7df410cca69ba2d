// Tests of settings on the command line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfigList } from "./added-configs.ts";

test("commas part settings unless brackets hold them together", () => {
  assert.deepEqual(
    [...parseConfigList("a=1, b=[x,y] ,c=")],
    [
      ["a", "1"],
      ["b", "x,y"],
      ["c", ""],
    ],
  );
});

test("a setting without a value is refused", () => {
  assert.throws(
    () => parseConfigList("retention.ms"),
    /^JavaException: requirement failed: Invalid entity config/,
  );
});
