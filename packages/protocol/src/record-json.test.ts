import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Reader } from "./bytes/reader.ts";
import { findMessageCodec } from "./find-codec.ts";
import { recordJson } from "./record-json.ts";

interface Vector {
  readonly family: string;
  readonly keySchema?: string;
  readonly valueSchema?: string | null;
  readonly valueVersion?: number | null;
  readonly keyJson?: unknown;
  readonly valueJson?: unknown;
  readonly keyHex?: string;
  readonly valueHex?: string | null;
}

function shown(schema: string, bytes: Uint8Array, version: number): unknown {
  const codec = findMessageCodec(schema);
  assert(codec !== undefined, schema);
  const text = recordJson(schema, codec.decode(new Reader(bytes), version), version);
  // The vectors have integers beyond 2⁵³−1 as texts.
  return JSON.parse(text.replaceAll(/(?<=[:[,])(-?\d{16,})(?=[,\]}])/g, '"$1"'), (_, value) =>
    typeof value === "string" && /^-?\d{16}$/.test(value) && Number.isSafeInteger(Number(value))
      ? Number(value)
      : value,
  );
}

test("stored messages are shown as the golden JSON, field for field and in order", () => {
  const text = readFileSync(new URL("../goldens/internal.jsonl", import.meta.url), "utf8");
  let checked = 0;
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const vector = JSON.parse(line) as Vector;
    if (!["group", "share", "transaction"].includes(vector.family)) continue;
    const key = Uint8Array.from(Buffer.from(vector.keyHex ?? "", "hex"));
    const keyShown = shown(vector.keySchema ?? "", key.subarray(2), 0);
    assert.equal(JSON.stringify(keyShown), JSON.stringify(vector.keyJson), line.slice(0, 300));
    checked += 1;
    if (vector.valueHex === null || vector.valueHex === undefined || !vector.valueSchema) continue;
    const value = Uint8Array.from(Buffer.from(vector.valueHex, "hex"));
    const valueShown = shown(vector.valueSchema, value.subarray(2), vector.valueVersion ?? 0);
    assert.equal(JSON.stringify(valueShown), JSON.stringify(vector.valueJson), line.slice(0, 300));
  }
  assert(checked > 100, `${checked} vectors`);
});

test("control characters are spelled as Kafka spells them, int64 keeps all its digits", () => {
  const commit = { offset: 9007199254740993n, leaderEpoch: 1, metadata: 'a\u001b"\n', commitTimestamp: -1n };
  assert.equal(
    recordJson("OffsetCommitValue", commit, 3),
    '{"offset":9007199254740993,"leaderEpoch":1,"metadata":"a\\u001B\\"\\n","commitTimestamp":-1}',
  );
});
