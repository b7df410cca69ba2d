// Vectors of internal.jsonl: records of internal topics and what clients and workers embed in other messages.
import assert from "node:assert/strict";
import {
  crc32c,
  decodeConnectAssignment,
  decodeConnectWorkerState,
  encodeConnectAssignment,
  encodeConnectWorkerState,
  groupRecordCodecs,
  metadataRecordCodecs,
  Reader,
  remoteLogRecordCodecs,
  shareRecordCodecs,
  transactionRecordCodecs,
  Writer,
} from "@ottla/protocol";
import { type Check, checkBody, fromHex, toHex, type Vector } from "../check.ts";
import type { Plain } from "../json.ts";

export const checkInternal: Check = (vector) => {
  const check = families[vector.family];
  assert(check !== undefined, `there is no family ${vector.family}`);
  check(vector);
  return undefined;
};

const families: Readonly<Record<string, (vector: Vector) => void>> = {
  group: (vector) => checkCoordinatorRecord(vector, groupRecordCodecs),
  share: (vector) => checkCoordinatorRecord(vector, shareRecordCodecs),
  transaction: (vector) => checkCoordinatorRecord(vector, transactionRecordCodecs),
  metadata: (vector) => checkFramedRecord(vector, metadataRecordCodecs),
  "remote-log": (vector) => checkFramedRecord(vector, remoteLogRecordCodecs),
  control: checkControlRecord,
  "control-key": checkPrefixed,
  "consumer-protocol": checkPrefixed,
  principal: checkPrefixed,
  "streams-protocol": (vector) => checkNamed(vector, vector.hex),
  "quorum-state": (vector) => checkNamed(vector, vector.hex),
  "txnindex-entry": checkIndexEntry,
  "producer-snapshot-file": checkProducerSnapshot,
  "connect-protocol": checkConnect,
};

function checkNamed(vector: Vector, hex: string): void {
  const { name, version, json } = vector;
  checkBody({ name, version, json, unknownTags: vector.unknownTags ?? [], hex });
}

function int16(value: number): string {
  return (value & 0xffff).toString(16).padStart(4, "0");
}

function checkCoordinatorRecord(vector: Vector, codecs: Plain): void {
  const { recordType, name } = vector;
  assert.equal(codecs[recordType].name, name);
  const keyPrefix = int16(recordType);
  assert.equal(vector.keyHex.slice(0, 4), keyPrefix);
  // A key has one version; the number in front of it is the record type.
  const key = { name: `${name}Key`, version: 0, json: vector.keyJson, unknownTags: [] };
  checkBody({ ...key, hex: vector.keyHex.slice(4) });
  if (vector.valueHex === null) return;
  assert.equal(vector.valueHex.slice(0, 4), int16(vector.valueVersion));
  const value = { name: `${name}Value`, version: vector.valueVersion, json: vector.valueJson };
  checkBody({ ...value, unknownTags: vector.unknownTags ?? [], hex: vector.valueHex.slice(4) });
}

function checkFramedRecord(vector: Vector, codecs: Plain): void {
  assert.equal(codecs[vector.recordType].name, vector.name);
  const reader = new Reader(fromHex(vector.hex));
  assert.equal(reader.uvarint(), 1, "frame version");
  assert.equal(reader.uvarint(), vector.recordType);
  assert.equal(reader.uvarint(), vector.version);
  checkNamed(vector, vector.hex.slice(reader.offset * 2));
}

function checkControlRecord(vector: Vector): void {
  assert.equal(vector.keyHex, `0000${int16(vector.recordType)}`);
  checkNamed(vector, vector.valueHex);
}

// A newer prefix reads as the newest known version.
function checkPrefixed(vector: Vector): void {
  assert.equal(vector.hex.slice(0, 4), int16(vector.prefix));
  checkNamed(vector, vector.hex.slice(4));
}

function checkIndexEntry(vector: Vector): void {
  assert.equal(vector.hex.slice(0, 4), int16(vector.version));
  checkNamed(vector, vector.hex.slice(4));
}

function checkProducerSnapshot(vector: Vector): void {
  assert.equal(vector.hex.slice(0, 4), int16(vector.version));
  const bytes = fromHex(vector.hex);
  // Version, checksum, entries; the checksum covers the entries.
  const crc = crc32c(bytes, 6);
  const producerEntries = vector.json.map((entry: Plain) => {
    const { producerEpoch, ...rest } = entry;
    return { ...rest, epoch: producerEpoch };
  });
  const { name, version } = vector;
  checkBody({ name, version, json: { crc, producerEntries }, unknownTags: [], hex: vector.hex.slice(4) });
}

function checkConnect(vector: Vector): void {
  const reader = new Reader(fromHex(vector.hex));
  const writer = new Writer();
  if (vector.name === "assignment") {
    const { version, message } = decodeConnectAssignment(reader);
    assert.equal(version, vector.version);
    assert.deepEqual(assignmentJson(message, version), normalized(vector.json));
    encodeConnectAssignment(writer, message, version);
  } else {
    const { version, message } = decodeConnectWorkerState(reader);
    assert.equal(version, vector.version);
    assert.equal(message.url, vector.json.url);
    assert.equal(Number(message.configOffset), vector.json.configOffset);
    if (message.assignment === null)
      assert(vector.json.assignment === undefined || vector.json.assignment === null);
    else {
      const inner = decodeConnectAssignment(new Reader(message.assignment));
      assert.deepEqual(assignmentJson(inner.message, inner.version), normalized(vector.json.assignment));
    }
    encodeConnectWorkerState(writer, message, version);
  }
  assert.equal(reader.remaining, 0);
  assert.equal(toHex(writer.toBytes()), vector.hex);
}

// Kafka groups tasks by connector in hash order, so the lists are compared as sets.
function assignmentJson(message: Plain, version: number): Plain {
  const split = (list: Plain) => ({
    connectors: list.filter((one: Plain) => one.tasks.includes(-1)).map((one: Plain) => one.connector),
    tasks: list.flatMap((one: Plain) =>
      one.tasks
        .filter((task: number) => task >= 0)
        .map((task: number) => ({ connector: one.connector, task })),
    ),
  });
  const { error, leader, leaderUrl } = message;
  const json: Plain = {
    error,
    leader,
    leaderUrl,
    configOffset: Number(message.configOffset),
    ...split(message.assigned),
  };
  if (version >= 1) {
    const revoked = split(message.revoked);
    json.revokedConnectors = revoked.connectors;
    json.revokedTasks = revoked.tasks;
    json.delay = message.delayMs;
  }
  return normalized(json);
}

function normalized(json: Plain): Plain {
  const sorted = (list: Plain) => [...list].map((one) => JSON.stringify(one)).sort();
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, Array.isArray(value) ? sorted(value) : value]),
  );
}
