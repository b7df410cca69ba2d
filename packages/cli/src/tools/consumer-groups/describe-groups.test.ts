// Tests of the table of members. The tables are what Apache Kafka 4.3.1 printed.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MemberDescription } from "@ottla/client";
import { membersTable } from "./describe-groups.ts";

function member(memberId: string, partitions: number[], isClassic: boolean | null): MemberDescription {
  const assignment = partitions.map((partition) => ({ topic: "upg", partition }));
  return {
    memberId,
    groupInstanceId: null,
    rackId: null,
    clientId: "console-consumer",
    host: "/127.0.0.1",
    assignment,
    targetAssignment: assignment,
    memberEpoch: 3,
    isClassic,
  };
}

const NEW = member("wv2tsnJUSbKc8MunMfrZyw", [0, 1], false);
const OLD = member("1eoGM3wcQby2qbTvcxO3cQ", [2, 3], true);

test("a verbose table tells who has gone over while somebody has not", () => {
  const members = [OLD, NEW];
  assert.deepEqual(membersTable({ groupId: "mx", type: "Consumer", members }, true).split("\n"), [
    "",
    "GROUP           CONSUMER-ID            HOST            CLIENT-ID        #PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT    UPGRADED",
    "mx              1eoGM3wcQby2qbTvcxO3cQ /127.0.0.1      console-consumer 2               3               upg:2,3              3               upg:2,3              false",
    "mx              wv2tsnJUSbKc8MunMfrZyw /127.0.0.1      console-consumer 2               3               upg:0,1              3               upg:0,1              true",
    "",
  ]);
});

test("no such column: a classic group, one whose members all have gone over, a table that is not verbose", () => {
  assert.doesNotMatch(membersTable({ groupId: "ug", type: "Consumer", members: [NEW] }, true), /UPGRADED/);
  assert.doesNotMatch(membersTable({ groupId: "cg", type: "Classic", members: [OLD] }, true), /UPGRADED/);
  assert.deepEqual(membersTable({ groupId: "mx", type: "Consumer", members: [OLD] }, false).split("\n"), [
    "",
    "GROUP           CONSUMER-ID            HOST            CLIENT-ID        #PARTITIONS     ",
    "mx              1eoGM3wcQby2qbTvcxO3cQ /127.0.0.1      console-consumer 2               ",
    "",
  ]);
});
