import assert from "node:assert/strict";
import { test } from "node:test";
import { metadataRecordCodecs } from "@ottla/protocol";
import { MetadataError } from "../metadata-error.ts";
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecordName,
  metadataRecord,
} from "./metadata-record.ts";

test("every metadata record that the protocol knows has its number here", () => {
  for (const [number, codec] of Object.entries(metadataRecordCodecs)) {
    for (let version = codec.minVersion; version <= codec.maxVersion; version += 1) {
      const record = metadataRecord(codec.name as MetadataRecordName, version, {});
      const frame = encodeMetadataRecord(record);
      assert.deepEqual([frame[0], frame[1], frame[2]], [1, Number(number), version]);
      assert.deepEqual(decodeMetadataRecord(frame), record);
    }
  }
});

test("a record of an unknown frame, type or version stops with its reason, and so do damaged bytes", () => {
  const refused: [number[], RegExp][] = [
    [[2, 2, 0], /frame version 2/],
    [[1, 6, 0], /record type 6: written by a newer release/],
    [[1, 99, 0], /record type 99/],
    [[1, 2, 9], /TopicRecord version 9 is not known: written by a newer release/],
    [[1, 2, 0, 5], /damaged metadata record/],
    [[], /damaged metadata record/],
    [[1, 20, 0, 0, 7], /NoOpRecord has 1 byte\(s\) too many/],
  ];
  for (const [bytes, reason] of refused) {
    assert.throws(
      () => decodeMetadataRecord(Uint8Array.from(bytes)),
      (error: Error) => error instanceof MetadataError && reason.test(error.message),
    );
  }
});
