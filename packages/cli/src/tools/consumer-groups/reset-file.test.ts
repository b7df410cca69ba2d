// Tests of the CSV that resets are written to and read from.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseResetFile, resetCsv } from "./reset-file.ts";

const line = { groupId: "g", topic: "t", partition: 1, offset: 2 };

test("lines name the group, or leave it out where there is only one", () => {
  assert.deepEqual(parseResetFile("t,1,2\n", "g"), [line]);
  assert.deepEqual(parseResetFile('"g","t",1,2\r\n\n', null), [line]);
  assert.throws(() => parseResetFile("t,1,2", null), /Invalid line/);
  assert.throws(() => parseResetFile("t,x,2", "g"), /Invalid line/);
});

test("what is exported can be read again", () => {
  assert.equal(resetCsv([line], false), "t,1,2\n");
  assert.deepEqual(parseResetFile(resetCsv([line], true), null), [line]);
});
