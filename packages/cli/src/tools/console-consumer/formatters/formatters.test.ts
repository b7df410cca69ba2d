import assert from "node:assert/strict";
import { test } from "node:test";
import { ConsumerRecord } from "@ottla/client";
import { encodeOffsetCommitKey, encodeOffsetCommitValue, Writer, ZERO_UUID } from "@ottla/protocol";
import { OutputBuffer } from "../output-buffer.ts";
import { findFormatter } from "./find-formatter.ts";

interface Parts {
  readonly key?: string | Uint8Array | null;
  readonly value?: string | Uint8Array | null;
}

function record({ key = null, value = null }: Parts): ConsumerRecord {
  const bytes = (part: string | Uint8Array | null): Uint8Array | null =>
    typeof part === "string" ? Buffer.from(part) : part;
  const keyBytes = bytes(key);
  const valueBytes = bytes(value);
  const body = Buffer.concat([keyBytes ?? new Uint8Array(0), valueBytes ?? new Uint8Array(0)]);
  const source = { topic: "t", partition: 2, leaderEpoch: 4, timestampType: "CreateTime", body } as const;
  return new ConsumerRecord(source, 17, 1700000000000, {
    keyAt: 0,
    keyLength: keyBytes?.length ?? -1,
    valueAt: keyBytes?.length ?? 0,
    valueLength: valueBytes?.length ?? -1,
    headersAt: 0,
    headerCount: 0,
  });
}

function show(name: string, properties: Record<string, string>, ...records: readonly Parts[]): string {
  let text = "";
  const complaints: string[] = [];
  const output = new OutputBuffer((bytes) => {
    text += Buffer.from(bytes).toString();
  });
  const formatter = findFormatter(`org.apache.kafka.tools.consumer.${name}`, properties, (complaint) => {
    complaints.push(complaint);
  });
  assert(formatter !== null);
  try {
    for (const each of records) formatter.write(record(each), output);
  } finally {
    output.flush();
  }
  return [...complaints, text].join("\n");
}

const DEFAULT = "DefaultMessageFormatter";

test("the default shows values, a line each", () => {
  assert.equal(show(DEFAULT, {}, { key: "k", value: "a" }, { value: null }, { value: "" }), "a\nnull\n\n");
});

test("all parts come in Kafka's order, with separators between them", () => {
  const parts = ["timestamp", "partition", "offset", "delivery", "epoch", "headers", "key"];
  const all = Object.fromEntries(parts.map((part) => [`print.${part}`, "true"]));
  assert.equal(
    show(DEFAULT, all, { key: "k", value: "v" }),
    "CreateTime:1700000000000\tPartition:2\tOffset:17\tDelivery:NOT_PRESENT\tEpoch:NOT_PRESENT\tNO_HEADERS\tk\tv\n",
  );
  const own = { "print.key": "true", "print.value": "false", "line.separator": "|", "null.literal": "-" };
  assert.equal(show(DEFAULT, own, { key: "k" }, {}), "k|-|");
});

test("deserializers show what the bytes are, and refuse what they are not", () => {
  const name = (kind: string): Record<string, string> => ({
    "value.deserializer": `org.apache.kafka.common.serialization.${kind}Deserializer`,
  });
  const eight = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe);
  assert.equal(show(DEFAULT, name("Long"), { value: eight }), "-2\n");
  assert.equal(show(DEFAULT, name("Double"), { value: "12345678" }), "1.0300843656201408E-71\n");
  assert.equal(show(DEFAULT, name("Float"), { value: Uint8Array.of(0x3d, 0xcc, 0xcc, 0xcd) }), "0.1\n");
  assert.equal(show(DEFAULT, name("Integer"), { value: Uint8Array.of(0, 0, 1, 0) }), "256\n");
  assert.equal(show(DEFAULT, name("Short"), { value: Uint8Array.of(0xff, 0xff) }), "-1\n");
  assert.equal(show(DEFAULT, name("Boolean"), { value: Uint8Array.of(1) }), "true\n");
  assert.equal(show(DEFAULT, name("Bytes"), { value: Uint8Array.of(0x61, 0x5c, 0xff) }), "a\\x5C\\xFF\n");
  const uuid = "38949722-4b03-4821-8f56-187a7e9c4415";
  assert.equal(show(DEFAULT, name("UUID"), { value: uuid }), `${uuid}\n`);
  assert.throws(() => show(DEFAULT, name("Long"), { value: "x" }), {
    message: "Size of data received by LongDeserializer is not 8",
  });
  assert.throws(() => show(DEFAULT, name("UUID"), { value: "x" }), {
    message: "Error parsing data into UUID",
  });
  assert.equal(
    show(DEFAULT, { "value.deserializer": "no.Such" }, { value: "x" }),
    "Unable to instantiate a deserializer from no.Such\nx\n",
  );
});

test("committed offsets are JSON objects without line ends; other records are passed over", () => {
  const key = new Writer();
  key.int16(1);
  encodeOffsetCommitKey(key, { group: "g", topic: "t", partition: 3 }, 0);
  const value = new Writer();
  value.int16(3);
  const commit = {
    offset: 5n,
    leaderEpoch: 0,
    metadata: "",
    commitTimestamp: 9n,
    expireTimestamp: -1n,
    topicId: ZERO_UUID,
  };
  encodeOffsetCommitValue(value, commit, 3);
  const keyBytes = key.toBytes();
  const shownKey = '{"key":{"type":1,"data":{"group":"g","topic":"t","partition":3}},';
  assert.equal(
    show(
      "OffsetsMessageFormatter",
      {},
      { key: keyBytes, value: value.toBytes() },
      { key: keyBytes },
      { value: "x" },
    ),
    `${shownKey}"value":{"version":3,"data":{"offset":5,"leaderEpoch":0,"metadata":"","commitTimestamp":9}}}` +
      `${shownKey}"value":null}`,
  );
  assert.equal(show("GroupMetadataMessageFormatter", {}, { key: keyBytes, value: value.toBytes() }), "");
  assert.equal(show("NoOpMessageFormatter", {}, { value: "x" }), "");
});

test("a formatter that does not exist is not found", () => {
  assert.equal(
    findFormatter("nosuch.Formatter", {}, () => {}),
    null,
  );
  assert.equal(
    findFormatter("org.apache.kafka.tools.consumer.NoSuch", {}, () => {}),
    null,
  );
});
