// Tests of the walk over pieces: it finds what the walk over the whole body finds, wherever the cuts are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildBatch } from "../batch-builder.ts";
import { BATCH_HEADER_BYTES } from "../batch-header.ts";
import { PiecewiseWalk } from "./piecewise-walk.ts";
import { createRecordWalk, type RecordRules, type RecordWalk, walkRecords } from "./record-walk.ts";

const rules: RecordRules = { baseTimestamp: 1000, timestampMin: 0, timestampMax: 1500, isKeyRequired: true };

/** A generator of numbers below `bound` that anybody can repeat. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % bound;
  };
}

function bodyOf(below: (bound: number) => number, count: number): Uint8Array {
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256));
  const records = Array.from({ length: count }, (_, index) => ({
    timestamp: 1000 + index * 37 - below(500),
    key: below(5) === 0 ? null : bytes(below(20)),
    value: below(5) === 0 ? null : bytes(below(200)),
    headers: Array.from({ length: below(3) }, (_, at) => ({
      key: `header-${at}`,
      value: below(2) === 0 ? null : bytes(below(10)),
    })),
  }));
  return buildBatch({ records }).subarray(BATCH_HEADER_BYTES);
}

function whole(body: Uint8Array, count: number): RecordWalk {
  const walk = createRecordWalk();
  walkRecords(body, 0, body.length, count, rules, walk);
  return walk;
}

/** `cuts` draws the length of each piece. */
function inPieces(body: Uint8Array, count: number, cuts: () => number): RecordWalk {
  const pieces = new PiecewiseWalk(count, rules);
  for (let at = 0; at < body.length; ) {
    const end = Math.min(body.length, at + cuts());
    const piece = body.slice(at, end);
    while (!pieces.take(piece, 3));
    // Nothing of a piece is looked at later.
    piece.fill(0xff);
    at = end;
  }
  pieces.end();
  return pieces.walk;
}

/** What both walks must agree on. */
function facts(walk: RecordWalk): unknown {
  const { cursor: _cursor, position: _position, problem, ...found } = walk;
  return problem === null ? { problem, ...found } : { error: problem.error };
}

test("any cuts of a sound body give the facts of the whole", () => {
  const below = numbers(1);
  for (let round = 0; round < 200; round++) {
    const count = 1 + below(30);
    const body = bodyOf(below, count);
    const longest = 1 + below(round % 2 === 0 ? 9 : 300);
    const walk = inPieces(body, count, () => 1 + below(longest));
    assert.equal(walk.problem, null, `round ${round}`);
    assert.deepEqual(facts(walk), facts(whole(body, count)), `round ${round}`);
  }
});

test("damage leads to the same error as in the whole", () => {
  const below = numbers(2);
  for (let round = 0; round < 2000; round++) {
    const count = 1 + below(6);
    const body = bodyOf(below, count).slice();
    for (let flips = 1 + below(3); flips > 0; flips--) {
      const at = below(body.length);
      body[at] = below(3) === 0 ? 0xff : (body[at] ?? 0) ^ (1 << below(8));
    }
    const announced = below(10) === 0 ? count + 1 : count;
    const cut = below(10) === 0 ? body.subarray(0, below(body.length + 1)) : body;
    const expected = whole(cut, announced);
    const walk = inPieces(cut, announced, () => 1 + below(12));
    assert.deepEqual(facts(walk), facts(expected), `round ${round}`);
  }
});

test("a record larger than any piece costs no memory and is judged all the same", () => {
  const value = new Uint8Array(5000).fill(1);
  const body = buildBatch({
    records: [1, 2, 3].map((key) => ({ timestamp: 1000, key: Uint8Array.of(key), value })),
  }).subarray(BATCH_HEADER_BYTES);
  assert.deepEqual(facts(inPieces(body, 3, () => 100)), facts(whole(body, 3)));
  assert.equal(inPieces(body, 2, () => 100).problem?.error, "INVALID_RECORD");
  assert.equal(inPieces(body.subarray(0, -1), 3, () => 100).problem?.error, "INVALID_RECORD");
  assert.equal(inPieces(new Uint8Array(0), 1, () => 100).problem?.error, "INVALID_RECORD");
});
