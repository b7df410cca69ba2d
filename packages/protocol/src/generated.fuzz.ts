// Damages golden bodies of every API, version and internal record, and decodes them: only DecodeError may
// come out, and what decodes must survive encoding and decoding. Seeded: a failure prints the seed and the
// bytes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DecodeError } from "./bytes/decode-error.ts";
import { EncodeError } from "./bytes/encode-error.ts";
import { Reader } from "./bytes/reader.ts";
import { Writer } from "./bytes/writer.ts";
import { findMessageCodec } from "./find-codec.ts";
import { type MessageCodec, messageCodecs } from "./generated/message-codecs.ts";
import { DECODED_OBJECTS_MAX } from "./limits.ts";

const SEED = 1;
const ROUNDS_PER_BODY = 40;

interface Body {
  readonly codec: MessageCodec<unknown>;
  readonly version: number;
  readonly bytes: Uint8Array;
}

type Draw = (bound: number) => number;

// Mulberry32: enough for choosing where to bite.
function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

// The fields of all forms of vector that hold a body.
interface Vector {
  readonly [field: string]: string | undefined;
}

function lines(file: string): Vector[] {
  const text = readFileSync(new URL(`../goldens/${file}`, import.meta.url), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

function bodies(): Body[] {
  const list: Body[] = [];
  const add = (
    name: string | undefined,
    version: unknown,
    hex: string | null | undefined,
    prefixBytes = 0,
  ) => {
    const codec = findMessageCodec(name ?? "");
    if (codec === undefined || typeof hex !== "string") return;
    const bytes = Uint8Array.from(Buffer.from(hex.slice(prefixBytes * 2), "hex"));
    list.push({ codec, version: Number(version), bytes });
  };
  const suffixes: Record<string, string> = { request: "Request", response: "Response" };
  for (const { api, kind, version, hex } of lines("messages.jsonl"))
    add(`${api}${suffixes[kind ?? ""] ?? ""}`, version, hex);
  for (const vector of lines("internal.jsonl")) {
    const { family, name, version, hex } = vector;
    add(vector["keySchema"], 0, vector["keyHex"], 2);
    add(vector["valueSchema"], vector["valueVersion"], vector["valueHex"], 2);
    // Frame version, type and version take a byte each, a prefix two.
    if (family === "metadata" || family === "remote-log") add(name, version, hex, 3);
    if (family === "consumer-protocol" || family === "principal") add(name, version, hex, 2);
    if (family === "quorum-state" || family === "streams-protocol") add(name, version, hex);
    if (family === "control") add(name, version, vector["valueHex"]);
  }
  // Versions newer than the vectors start from zeros.
  for (const codec of Object.values(messageCodecs) as MessageCodec<unknown>[]) {
    for (let version = codec.minVersion; version <= codec.maxVersion; version += 1) {
      list.push({ codec, version, bytes: new Uint8Array(64) });
    }
  }
  return list;
}

const BITES: readonly Uint8Array[] = [
  Uint8Array.of(0x7f, 0xff, 0xff, 0xff),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0x80, 0, 0, 0),
  Uint8Array.of(0, 0x0f, 0xff, 0xff),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07),
  Uint8Array.of(0xff, 0xff, 0x03),
  Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80),
  Uint8Array.of(0xff, 0xff),
  Uint8Array.of(0x7f, 0xff),
  Uint8Array.of(0),
];

function damage(bytes: Uint8Array, draw: Draw): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let count = 1 + draw(3); count > 0 && copy.length > 0; count -= 1) {
    const at = draw(copy.length);
    const kind = draw(4);
    if (kind === 0) copy[at] = draw(256);
    else if (kind === 1) copy[at] = (copy[at] ?? 0) ^ (1 << draw(8));
    else if (kind === 2)
      copy.set((BITES[draw(BITES.length)] ?? BITES[0])?.subarray(0, copy.length - at) ?? [], at);
    else return copy.subarray(0, at);
  }
  return copy;
}

function check(body: Body, bytes: Uint8Array): "refused" | "decoded" {
  const { codec, version } = body;
  const reader = new Reader(bytes);
  let message: unknown;
  try {
    message = codec.decode(reader, version);
  } catch (error) {
    if (error instanceof DecodeError) return "refused";
    throw error;
  }
  assert(DECODED_OBJECTS_MAX - reader.objectsLeft <= bytes.length, "more elements than bytes");
  const writer = new Writer();
  try {
    codec.encode(writer, message, version);
  } catch (error) {
    // Replacement characters are longer than the bytes they replace.
    if (error instanceof EncodeError && /too long/.test(error.message)) return "decoded";
    throw error;
  }
  assert.deepEqual(codec.decode(new Reader(writer.toBytes()), version), message);
  return "decoded";
}

test("damaged bodies of every message and version are refused cleanly or decode to something sound", () => {
  const stackTraceLimit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    const draw = drawFrom(SEED);
    const outcomes = { refused: 0, decoded: 0 };
    for (const body of bodies()) {
      for (let round = 0; round < ROUNDS_PER_BODY; round += 1) {
        const bytes = damage(body.bytes, draw);
        try {
          outcomes[check(body, bytes)] += 1;
        } catch (cause) {
          const what = `${body.codec.name} version ${body.version}, seed ${SEED}: ${Buffer.from(bytes).toString("hex")}`;
          throw new Error(what, { cause });
        }
      }
    }
    assert(outcomes.refused > 1000 && outcomes.decoded > 1000, JSON.stringify(outcomes));
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
});
