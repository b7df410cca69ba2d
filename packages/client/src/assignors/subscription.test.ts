import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "@ottla/protocol";
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type MemberSubscription,
} from "./subscription.ts";

const subscription: MemberSubscription = {
  topics: ["orders", "__proto__"],
  ownedPartitions: [
    { topic: "orders", partition: 0 },
    { topic: "orders", partition: 2 },
    { topic: "__proto__", partition: 1 },
  ],
  generationId: 7,
  rackId: "r1",
  groupInstanceId: "instance",
  userData: new Uint8Array([1, 2, 3]),
};

test("a subscription is read as it was written", () => {
  assert.deepEqual(decodeSubscription(encodeSubscription(subscription), "instance"), subscription);
});

test("a subscription of a newer version is read as the newest known one", () => {
  const bytes = encodeSubscription(subscription);
  bytes[1] = 9;
  assert.deepEqual(decodeSubscription(bytes, "instance"), subscription);
});

test("a subscription of version 0 owns nothing in no generation", () => {
  const bytes = new Uint8Array([0, 0, 0, 0, 0, 1, 0, 1, 97, 255, 255, 255, 255]);
  const read = decodeSubscription(bytes, null);
  assert.deepEqual(read.topics, ["a"]);
  assert.deepEqual(read.ownedPartitions, []);
  assert.equal(read.generationId, -1);
  assert.equal(read.rackId, null);
});

test("an assignment is read as it was written, and no bytes are an empty one", () => {
  const assignment = { partitions: subscription.ownedPartitions, userData: null };
  assert.deepEqual(decodeAssignment(encodeAssignment(assignment)), assignment);
  assert.deepEqual(decodeAssignment(new Uint8Array(0)), { partitions: [], userData: null });
});

test("cut and negative versions are a DecodeError", () => {
  const bytes = encodeSubscription(subscription);
  assert.throws(() => decodeSubscription(bytes.subarray(0, bytes.length - 3), null), DecodeError);
  assert.throws(() => decodeSubscription(new Uint8Array([255, 255]), null), DecodeError);
  assert.throws(() => decodeAssignment(new Uint8Array([0])), DecodeError);
});
