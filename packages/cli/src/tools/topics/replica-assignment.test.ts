// Tests of replica assignments on the command line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReplicaAssignment } from "./replica-assignment.ts";

test("commas part partitions, colons part replicas", () => {
  assert.deepEqual(
    [...parseReplicaAssignment("1:2, 2:3")],
    [
      [0, [1, 2]],
      [1, [2, 3]],
    ],
  );
});

test("what is wrong is told in Kafka's words", () => {
  const messageOf = (text: string): string => {
    try {
      parseReplicaAssignment(text);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(messageOf("x"), 'For input string: "x"');
  assert.equal(messageOf("1:1"), "Partition replica lists may not contain duplicate entries: 1");
  assert.equal(messageOf("1:2,3"), "Partition 1 has different replication factor: [3]");
});
