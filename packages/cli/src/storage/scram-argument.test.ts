// Tests of `--add-scram`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scramCredentialOf } from "./scram-argument.ts";

const noBytes = (): Uint8Array => assert.fail("no salt is drawn");

function problemOf(argument: string): string | undefined {
  const result = scramCredentialOf(argument, (length) => new Uint8Array(length));
  return "problem" in result ? result.problem : undefined;
}

test("keys are those of RFC 7677's example", () => {
  // Password "pencil", salt and iterations of the RFC; stored and server key follow from its messages.
  const argument =
    'SCRAM-SHA-256=[name=user,password=pencil,salt="W22ZaJ0SNY7soEsUEjb6gQ==",iterations=4096]';
  const credential = scramCredentialOf(argument, noBytes);
  assert.ok(!("problem" in credential));
  assert.deepEqual([credential.name, credential.mechanism, credential.iterations], ["user", 1, 4096]);
  assert.equal(
    Buffer.from(credential.storedKey).toString("base64"),
    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=",
  );
  assert.equal(
    Buffer.from(credential.serverKey).toString("base64"),
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
  );
});

test("what is missing or out of range is told in Kafka's words", () => {
  assert.equal(
    problemOf("SCRAM-SHA-256=[name=alice]"),
    "You must supply one of 'password' or 'saltedpassword' to add-scram",
  );
  assert.equal(problemOf("SCRAM-SHA-256=[password=a]"), "You must supply 'name' to add-scram");
  assert.equal(
    problemOf("SCRAM-SHA-999=[name=a,password=b]"),
    "The add-scram mechanism SCRAM-SHA-999 is not supported.",
  );
  assert.equal(
    problemOf("SCRAM-SHA-256=[name=a,password=b,iterations=10]"),
    "The 'iterations' value must be >= 4096 for add-scram using SCRAM_SHA_256",
  );
  assert.equal(
    problemOf("SCRAM-SHA-512=[name=a,password=b,iterations=100000]"),
    "The 'iterations' value must be <= 16384 for add-scram using SCRAM_SHA_512",
  );
});

test("an argument that cannot be parsed is not repeated, for it may hold a password", () => {
  assert.doesNotMatch(problemOf("SCRAM-SHA-256=name=alice,password=secret") ?? "", /secret/);
});
