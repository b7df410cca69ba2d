// `__consumer_offsets-0` as Apache Kafka 4.3.1 left it, loaded and compared with what Kafka's own clients
// read from it; and our records against its bytes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  batchIsControl,
  errors,
  makeDescribeGroupsRequest,
  makeListGroupsRequest,
  readRecords,
} from "@ottla/protocol";
import { errorName, GroupWorld } from "../testing/group-world.ts";
import { MemoryLog } from "../testing/memory-log.ts";
import { createGroupRecordCodec } from "./group-record.ts";

const segments = new URL("../../../protocol/goldens/segments/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.json", segments), "utf8"));

function goldenWorld(): GroupWorld {
  const log = new MemoryLog();
  log.addSegment(readFileSync(new URL("data/__consumer_offsets-0/00000000000000000000.log", segments)));
  return new GroupWorld({ log });
}

test("Kafka's groups and offsets are there after a load, whatever kind of group they belong to", () => {
  const on = goldenWorld();
  assert.equal(on.log.logEndOffset, 55);
  assert.equal(on.log.leased, 0);
  const { runtime } = on.groups.metrics;
  assert.deepEqual([runtime.loads, runtime.loadedRecords, runtime.damagedRecords], [1, 54, 0]);
  for (const [groupId, golden] of Object.entries(manifest.view.groupOffsets)) {
    const expected = Object.entries(golden as Record<string, { offset: number }>);
    assert.deepEqual(
      on.offsets(groupId),
      Object.fromEntries(expected.map(([key, { offset }]) => [key, offset])),
    );
  }
  assert.deepEqual(on.offsets("g-delete-me"), {});
  on.groups.listGroups(on.context, makeListGroupsRequest(), ({ errorCode, groups }) => {
    assert.equal(errorCode, 0);
    const listed = groups
      .map(({ groupId, groupType: type, protocolType: protocol, groupState: state }) => ({
        groupId,
        type,
        protocol,
        state,
      }))
      .toSorted((left, right) => (left.groupId < right.groupId ? -1 : 1));
    // The view was taken by a client, which writes kinds with a capital.
    const view = manifest.view.groups.map((group: { type: string }) => ({
      ...group,
      type: group.type.toLowerCase(),
    }));
    assert.deepEqual(listed, view);
  });
  on.groups.describeGroups(on.context, makeDescribeGroupsRequest({ groups: ["g-classic"] }), ({ groups }) => {
    assert.deepEqual(
      groups.map(({ groupState, protocolType, members }) => [groupState, protocolType, members.length]),
      [["Empty", "consumer", 0]],
    );
  });
});

test("metadata, leader epochs and commit times of Kafka's offsets are kept", () => {
  const on = goldenWorld();
  on.groups.fetchOffsets(
    on.context,
    {
      groupId: "",
      topics: null,
      requireStable: true,
      groups: [
        {
          groupId: "g-classic",
          memberId: null,
          memberEpoch: -1,
          topics: [{ name: "three", topicId: "AAAAAAAAAAAAAAAAAAAAAA" as never, partitionIndexes: [1, 9] }],
        },
      ],
    },
    ({ groups }) => {
      assert.deepEqual(groups[0]?.topics[0]?.partitions, [
        {
          partitionIndex: 1,
          committedOffset: 7n,
          committedLeaderEpoch: 0,
          metadata: "meta-é-1",
          errorCode: 0,
        },
        { partitionIndex: 9, committedOffset: -1n, committedLeaderEpoch: -1, metadata: "", errorCode: 0 },
      ]);
    },
  );
});

test("classic records are written byte for byte as Kafka writes them", () => {
  const on = goldenWorld();
  const codec = createGroupRecordCodec();
  let compared = 0;
  for (const { bytes } of on.log.batches) {
    if (batchIsControl(bytes, 0)) continue;
    for (const { key, value } of readRecords(bytes, 0, on.node.ports.zip)) {
      const record = codec.decode(key as Uint8Array, value);
      if (record === null || record.kind === "foreign-group") continue;
      const encoded = codec.encode(record);
      assert.deepEqual([...encoded.key], [...(key as Uint8Array)]);
      assert.deepEqual(encoded.value && [...encoded.value], value && [...value]);
      compared++;
    }
  }
  assert.equal(compared, 19);
});

test("a consumer group of Kafka becomes a classic one when a classic consumer joins, with its offsets", () => {
  const on = goldenWorld();
  const groupId = "g-modern";
  const before = on.offsets(groupId);
  assert.equal(errorName(on.join({ groupId, memberId: "m" }).answer.errorCode), "UNKNOWN_MEMBER_ID");
  assert.ok(on.list({ typesFilter: ["consumer"] }).includes("g-modern: Empty"));
  assert.equal(errorName(on.join({ groupId }).answer.errorCode), "MEMBER_ID_REQUIRED");
  assert.ok(on.list({ typesFilter: ["classic"] }).includes("g-modern: Empty"));
  on.restart();
  assert.ok(on.list({ typesFilter: ["classic"] }).includes("g-modern: Empty"));
  assert.deepEqual(on.offsets(groupId), before);
  const tombstones = on.records().filter((record) => record.kind === "foreign-group" && !record.exists);
  const own = tombstones.filter((record) => record.kind === "foreign-group" && record.groupId === groupId);
  assert.equal(own.length, 5);
  const share = on.join({ groupId: "g-share" }).answer;
  assert.equal(errorName(share.errorCode), "INCONSISTENT_GROUP_PROTOCOL");
});

test("a consumer group whose classic successor cannot be written stays what it is", () => {
  const on = goldenWorld();
  on.log.refuseWith = errors.NOT_ENOUGH_REPLICAS;
  on.join({ groupId: "g-modern" });
  on.log.refuseWith = null;
  assert.ok(on.list({ typesFilter: ["consumer"] }).includes("g-modern: Empty"));
  on.join({ groupId: "g-modern" });
  assert.ok(on.list({ typesFilter: ["classic"] }).includes("g-modern: Empty"));
});

test("groups of other kinds are deleted with their offsets, but for share groups", () => {
  const on = goldenWorld();
  assert.deepEqual(on.delete("g-modern", "g-streams", "g-share"), ["NONE", "NONE", "GROUP_ID_NOT_FOUND"]);
  assert.deepEqual([on.offsets("g-modern"), on.offsets("g-streams")], [{}, {}]);
  on.restart();
  assert.deepEqual(on.list(), ["g-classic: Empty", "g-share: Empty", "g-txn: Empty"]);
});
