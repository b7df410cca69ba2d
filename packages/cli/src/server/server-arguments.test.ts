// Tests of the server's command line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseServerArguments } from "./server-arguments.ts";

test("a file and its overrides are read in either form and in order", () => {
  const words = ["a.properties", "--override", "x=1", "--override=y=2"];
  assert.deepEqual(parseServerArguments(words), {
    kind: "file",
    file: "a.properties",
    overrides: ["x=1", "y=2"],
  });
});

test("what is no option, or one file too many, is told by name", () => {
  assert.deepEqual(parseServerArguments(["a", "--zookeeper"]), {
    kind: "problem",
    message: "zookeeper is not a recognized option",
  });
  assert.deepEqual(parseServerArguments(["a", "b", "c"]), {
    kind: "problem",
    message: "Found non argument parameters: b,c",
  });
  assert.equal(parseServerArguments(["a", "--override"]).kind, "problem");
});

test("without a file there is the usage, unless the version or the quickstart is asked for", () => {
  assert.equal(parseServerArguments(["--override", "a=b"]).kind, "usage");
  assert.equal(parseServerArguments(["--version"]).kind, "version");
  assert.deepEqual(parseServerArguments(["--quickstart"]), { kind: "quickstart", overrides: [] });
});
