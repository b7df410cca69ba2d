import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { breakages } from "./breakages.ts";

const PACKAGES: URL = new URL("../../../../", import.meta.url);

test("every breakage finds what it changes, in one place", () => {
  const lost: string[] = [];
  for (const { name, also, ...edit } of breakages) {
    for (const { file, find } of also === undefined ? [edit] : [edit, { file: edit.file, ...also }]) {
      const path = new URL(file, PACKAGES);
      const places = existsSync(path) ? readFileSync(path, "utf8").split(find).length - 1 : 0;
      if (places !== 1) lost.push(`${name}: ${places} places in ${file}`);
    }
  }
  assert.deepEqual(lost, []);
});
