// Behaviour of generated code beyond the golden vectors: what it refuses, and how it fails on bad bytes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DecodeError } from "./bytes/decode-error.ts";
import { EncodeError } from "./bytes/encode-error.ts";
import { Reader } from "./bytes/reader.ts";
import { Writer } from "./bytes/writer.ts";
import { encodeCreateTopicsRequest, makeCreateTopicsRequest } from "./generated/create-topics.ts";
import { decodeFetchResponse } from "./generated/fetch.ts";
import { apiCodecs } from "./generated/message-codecs.ts";
import { decodeMetadataRequest, encodeMetadataRequest, makeMetadataRequest } from "./generated/metadata.ts";
import { decodeProduceRequest, encodeProduceRequest, makeProduceRequest } from "./generated/produce.ts";

interface Vector {
  readonly apiKey: keyof typeof apiCodecs;
  readonly kind: string;
  readonly version: number;
  readonly case: string;
  readonly hex: string;
}

function latestFullBodies(): Vector[] {
  const path = new URL("../goldens/messages.jsonl", import.meta.url);
  const latest = new Map<string, Vector>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line === "") continue;
    const vector = JSON.parse(line) as Vector;
    if (vector.case === "full" && vector.kind !== "header")
      latest.set(`${vector.apiKey} ${vector.kind}`, vector);
  }
  return [...latest.values()];
}

test("a body cut at any byte is a DecodeError, for every API", () => {
  for (const { apiKey, kind, version, hex } of latestFullBodies()) {
    const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
    const codec = apiCodecs[apiKey];
    const decode = kind === "request" ? codec.decodeRequest : codec.decodeResponse;
    for (let length = 0; length < bytes.length; length += 1) {
      assert.throws(() => decode(new Reader(bytes, 0, length), version), DecodeError);
    }
  }
});

test("a version that the schema does not have is refused in both directions", () => {
  assert.throws(() => decodeProduceRequest(new Reader(new Uint8Array(100)), 2), DecodeError);
  assert.throws(() => decodeProduceRequest(new Reader(new Uint8Array(100)), 14), DecodeError);
  assert.throws(() => encodeProduceRequest(new Writer(), makeProduceRequest(), 14), EncodeError);
});

test("a value in a field that the version lacks is refused unless it may be ignored", () => {
  const fenced = makeMetadataRequest({ topics: [], allowAutoTopicCreation: false });
  assert.throws(() => encodeMetadataRequest(new Writer(), fenced, 3), EncodeError);
  encodeMetadataRequest(new Writer(), fenced, 4);
  const validated = makeCreateTopicsRequest({ validateOnly: true });
  encodeCreateTopicsRequest(new Writer(), validated, 2);
});

test("null is refused where a version does not allow it", () => {
  const allTopics = makeMetadataRequest({ topics: null });
  assert.throws(() => encodeMetadataRequest(new Writer(), allTopics, 0), EncodeError);
  encodeMetadataRequest(new Writer(), allTopics, 1);
});

test("unknown tags need a flexible version", () => {
  const tagged = makeMetadataRequest({ unknownTags: [{ tag: 100, data: Uint8Array.of(1) }] });
  assert.throws(() => encodeMetadataRequest(new Writer(), tagged, 8), EncodeError);
  encodeMetadataRequest(new Writer(), tagged, 9);
});

test("a topic count of two thousand million in a few bytes is refused", () => {
  assert.throws(
    () => decodeMetadataRequest(new Reader(Uint8Array.of(0x7f, 255, 255, 255, 0, 0)), 1),
    DecodeError,
  );
  assert.throws(
    () => decodeMetadataRequest(new Reader(Uint8Array.of(255, 255, 255, 255, 7, 0)), 9),
    DecodeError,
  );
});

test("a body full of tiny elements stops at the budget of objects", () => {
  // A topic takes two bytes at least, so that this many would fit.
  const body = new Uint8Array(4_000_000);
  const writer = new Writer();
  writer.uvarint(1_500_001);
  body.set(writer.toBytes());
  assert.throws(() => decodeMetadataRequest(new Reader(body), 9), /too many elements/);
});

test("a tagged field must have the size it announces", () => {
  // Throttle time, error code, session id, no topics, one tag: number 0 (node endpoints), size 3, an empty
  // list.
  const body = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 3, 1, 0, 0);
  assert.throws(() => decodeFetchResponse(new Reader(body), 16), DecodeError);
  const right = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1);
  assert.deepEqual(decodeFetchResponse(new Reader(right), 16).nodeEndpoints, []);
});

test("topic names such as __proto__ are ordinary values", () => {
  const request = makeMetadataRequest({
    topics: [{ topicId: "AAAAAAAAAAAAAAAAAAAAAA" as never, name: "__proto__" }],
  });
  const writer = new Writer();
  encodeMetadataRequest(writer, request, 12);
  assert.deepEqual(decodeMetadataRequest(new Reader(writer.toBytes()), 12), request);
});
