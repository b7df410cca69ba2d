import assert from "node:assert/strict";
import { test } from "node:test";
import { errorForCode, findError, KafkaError } from "./errors.ts";
import { errors } from "./generated/error-table.ts";

test("every code finds its error, and an unknown one counts as unknown server error", () => {
  for (const spec of Object.values(errors)) assert.equal(findError(spec.code), spec);
  assert.equal(findError(9999), undefined);
  assert.equal(errorForCode(9999), errors.UNKNOWN_SERVER_ERROR);
});

test("a KafkaError carries its spec, code and cause", () => {
  const cause = new Error("below");
  const error = new KafkaError(errors.NOT_CONTROLLER, undefined, { cause });
  assert.equal(error.code, 41);
  assert.equal(error.message, errors.NOT_CONTROLLER.meaning);
  assert.equal(error.cause, cause);
});
