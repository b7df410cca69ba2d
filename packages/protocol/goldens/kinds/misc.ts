// Vectors of misc.jsonl that concern this package: hashes, checksums, varints, uuids, names. The rest (SCRAM,
// assignors, metadata hashes) belongs to other packages and counts as skipped.
import assert from "node:assert/strict";
import {
  compareUuids,
  coordinatorPartition,
  crc32c,
  crc32cByTables,
  DecodeError,
  hasCollisionCharacters,
  isInternalTopic,
  isReservedUuid,
  javaStringHash,
  murmur2,
  parseUuid,
  partitionForKey,
  Reader,
  readUvarint,
  readUvarlong,
  readVarint,
  readVarlong,
  readVarlongAsNumber,
  sizeOfUvarint,
  sizeOfVarint,
  sizeOfVarlong,
  sizeOfVarlongNumber,
  topicNameProblem,
  topicNamesCollide,
  type Uuid,
  uuidFromBytes,
  uuidToBytes,
  writeUvarint,
  writeUvarlong,
  writeVarint,
  writeVarlong,
  writeVarlongNumber,
} from "@ottla/protocol";
import { type Check, fromHex, toHex, type Vector } from "../check.ts";

export const checkMisc: Check = (vector) => {
  const check = types[vector.type];
  if (check === undefined) return "skipped";
  check(vector);
  return undefined;
};

const types: Readonly<Record<string, (vector: Vector) => void>> = {
  murmur2: (vector) => {
    const key = Uint8Array.from(Buffer.from(vector.key, "base64"));
    assert.equal(murmur2(key), vector.hash);
    for (const [count, partition] of Object.entries(vector.partition)) {
      assert.equal(partitionForKey(key, Number(count)), partition);
    }
  },
  crc32c: (vector) => {
    const data = Uint8Array.from(Buffer.from(vector.data, "base64"));
    assert.equal(crc32c(data), vector.crc);
    assert.equal(crc32cByTables(data, 0, data.length), vector.crc);
  },
  varint: (vector) => {
    assert.equal(
      written((bytes) => writeVarint(bytes, 0, vector.value)),
      vector.hex,
    );
    assert.equal(readVarint(new Reader(fromHex(vector.hex))), vector.value);
    assert.equal(sizeOfVarint(vector.value), vector.hex.length / 2);
  },
  unsignedVarint: (vector) => {
    assert.equal(
      written((bytes) => writeUvarint(bytes, 0, vector.value)),
      vector.hex,
    );
    assert.equal(readUvarint(new Reader(fromHex(vector.hex))), vector.value);
    assert.equal(sizeOfUvarint(vector.value), vector.hex.length / 2);
  },
  varlong: (vector) => {
    const value = BigInt(vector.value);
    assert.equal(
      written((bytes) => writeVarlong(bytes, 0, value)),
      vector.hex,
    );
    assert.equal(readVarlong(new Reader(fromHex(vector.hex))), value);
    assert.equal(sizeOfVarlong(value), vector.hex.length / 2);
    const number = Number(value);
    const reader = new Reader(fromHex(vector.hex));
    if (!Number.isSafeInteger(number)) assert.throws(() => readVarlongAsNumber(reader), DecodeError);
    else {
      assert.equal(readVarlongAsNumber(reader), number);
      assert.equal(reader.remaining, 0);
      assert.equal(
        written((bytes) => writeVarlongNumber(bytes, 0, number)),
        vector.hex,
      );
      assert.equal(sizeOfVarlongNumber(number), vector.hex.length / 2);
    }
  },
  unsignedVarlong: (vector) => {
    const value = BigInt.asUintN(64, BigInt(vector.value));
    assert.equal(
      written((bytes) => writeUvarlong(bytes, 0, value)),
      vector.hex,
    );
    assert.equal(readUvarlong(new Reader(fromHex(vector.hex))), value);
  },
  varintDecode: (vector) => {
    checkDecode(vector, vector.varint, readVarint);
    // Java has the 32 bits signed.
    checkDecode(vector, vector.unsignedVarint, (reader) => readUvarint(reader) | 0);
    checkDecode(vector, vector.varlong, readVarlong);
  },
  uuid: (vector) => {
    assert.equal(uuidFromBytes(fromHex(vector.hex)), vector.string);
    assert.equal(toHex(uuidToBytes(vector.string)), vector.hex);
    assert.equal(isReservedUuid(vector.string), vector.reserved);
  },
  uuidOrder: (vector) => {
    const sorted = [...vector.sorted].reverse().sort((left: Uuid, right: Uuid) => compareUuids(left, right));
    assert.deepEqual(sorted, vector.sorted);
  },
  uuidParse: (vector) => {
    const uuid = parseUuid(vector.string);
    if (vector.hex === undefined) assert.equal(uuid, null);
    else {
      assert(uuid !== null, "it is a uuid");
      assert.equal(toHex(uuidToBytes(uuid)), vector.hex);
    }
  },
  coordinatorPartition: (vector) => {
    assert.equal(javaStringHash(vector.id), vector.hashCode);
    checkPartitions(vector.id, vector.partition);
  },
  sharePartition: (vector) => {
    assert.equal(javaStringHash(vector.key), vector.hashCode);
    checkPartitions(vector.key, vector.statePartition);
  },
  topicName: (vector) => {
    assert.equal(topicNameProblem(vector.name) === null, vector.valid);
    assert.equal(isInternalTopic(vector.name), vector.internal);
    assert.equal(hasCollisionCharacters(vector.name), vector.collisionChars);
  },
  topicCollision: (vector) => assert.equal(topicNamesCollide(vector.a, vector.b), vector.collides),
};

function written(write: (bytes: Uint8Array) => number): string {
  const bytes = new Uint8Array(10);
  return toHex(bytes.subarray(0, write(bytes)));
}

function checkDecode(vector: Vector, expected: Vector, read: (reader: Reader) => number | bigint): void {
  const reader = new Reader(fromHex(vector.hex));
  if (expected.error !== undefined) {
    assert.throws(() => read(reader), DecodeError);
    return;
  }
  assert.equal(String(read(reader)), expected.value);
  assert.equal(reader.offset, expected.read);
}

function checkPartitions(id: string, partitions: Vector): void {
  for (const [count, partition] of Object.entries(partitions)) {
    assert.equal(coordinatorPartition(id, Number(count)), partition);
  }
}
