// Runs the golden vectors of this package (goldens/README.md) in both directions.
import assert from "node:assert/strict";
import { test } from "node:test";

interface Outcome {
  passed: number;
  failed: number;
  failures: string[];
}

// The vectors and their checks lie outside of what is built, hence the import by address.
const folder = new URL("../goldens/", import.meta.url);
const { runFile } = (await import(new URL("run-file.ts", folder).href)) as { runFile(path: URL): Outcome };

const leastPassed = { messages: 3040, frames: 604, internal: 613, batches: 199, misc: 500 };

for (const [name, least] of Object.entries(leastPassed)) {
  test(`golden ${name} pass in both directions`, () => {
    const outcome = runFile(new URL(`${name}.jsonl`, folder));
    assert.equal(outcome.failed, 0, outcome.failures.slice(0, 5).join("\n\n"));
    assert(outcome.passed >= least, `only ${outcome.passed} vectors of ${name} were checked`);
  });
}
