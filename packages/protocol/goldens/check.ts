// What every kind of golden vector uses: failing with a reason, comparing, and one message in both
// directions.
import assert from "node:assert/strict";
import { runWhole } from "@ottla/ports";
import {
  apiKeys,
  findMessageCodec,
  type MessageCodec,
  Reader,
  requestDecodersInPieces,
  responseEncodersInPieces,
  Writer,
} from "@ottla/protocol";
import {
  addUnknownTags,
  fromJson,
  type Json,
  listUnknownTags,
  type Plain,
  toJson,
  type UnknownTagJson,
} from "./json.ts";
import { schemas } from "./schemas.ts";

/** One line of a file. */
export type Vector = { [name: string]: Plain };

/** Checks a vector and throws when it fails. "skipped" means that it belongs to another package. */
export type Check = (vector: Vector) => "skipped" | undefined;

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** A body as the vectors describe it. */
export interface Body {
  name: string;
  version: number;
  json: Json;
  unknownTags: readonly UnknownTagJson[];
  hex: string;
}

/**
 * Decodes the hex and compares with the JSON; encodes the JSON and what was decoded, and compares with the
 * hex.
 */
export function checkBody(body: Body): void {
  const schema = schemas.get(body.name);
  const codec = findMessageCodec(body.name);
  assert(schema !== undefined && codec !== undefined, `there is no message ${body.name}`);
  const bytes = fromHex(body.hex);
  const reader = new Reader(bytes);
  const decoded = codec.decode(reader, body.version);
  assert.equal(reader.remaining, 0, "bytes are left over");
  assert.deepEqual(toJson(schema.root, decoded, body.version), body.json);
  const sorted = (tags: readonly UnknownTagJson[]) => tags.map((tag) => JSON.stringify(tag)).sort();
  assert.deepEqual(sorted(listUnknownTags(schema.root, decoded)), sorted(body.unknownTags));
  assert.equal(encodeHex(codec, decoded, body.version), body.hex, "re-encoding what was decoded");
  const made = codec.make(fromJson(schema.root, body.json as { [name: string]: Json }, body.version));
  addUnknownTags(made, body.unknownTags);
  assert.equal(encodeHex(codec, made, body.version), body.hex, "encoding from the JSON");
  checkPieces(body, decoded);
}

/** Whoever decodes or encodes in pieces gets the same. */
function checkPieces({ name, version, hex }: Body, decoded: Plain): void {
  const [, api = "", kind] = /^(.*)(Request|Response)$/.exec(name) ?? [];
  const key = (apiKeys as Readonly<Record<string, number>>)[api] ?? -1;
  const decode = kind === "Request" ? requestDecodersInPieces.get(key) : undefined;
  if (decode !== undefined) {
    const reader = new Reader(fromHex(hex));
    assert.deepEqual(runWhole(decode(reader, version)), decoded);
    assert.equal(reader.remaining, 0, "bytes are left over, decoding in pieces");
  }
  const encode = kind === "Response" ? responseEncodersInPieces.get(key) : undefined;
  if (encode === undefined) return;
  const writer = new Writer(16);
  runWhole(encode(writer, decoded, version));
  assert.equal(toHex(writer.toBytes()), hex, "encoding in pieces");
}

function encodeHex(codec: MessageCodec<Plain>, message: Plain, version: number): string {
  const writer = new Writer(16);
  codec.encode(writer, message, version);
  return toHex(writer.toBytes());
}
