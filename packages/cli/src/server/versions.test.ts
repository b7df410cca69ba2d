// Tests of the version.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { OTTLA_VERSION } from "./versions.ts";

test("the version is the package's", () => {
  const file = join(import.meta.dirname, "../../package.json");
  assert.equal(JSON.parse(readFileSync(file, "utf8")).version, OTTLA_VERSION);
});
