import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionQuota } from "./connection-quota.ts";

const limits = {
  connectionsMax: 3,
  perIpMax: 2,
  perIpOverrides: new Map([["10.0.0.9", 1]]),
  perSecondMax: 10,
};

test("an address gets as many connections as its limit, again after one went", () => {
  const quota = new ConnectionQuota(limits, 0);
  assert.deepEqual([quota.admit("a", 0), quota.admit("a", 0), quota.admit("a", 0)], [true, true, false]);
  assert.equal(quota.admit("b", 0), true);
  quota.leave("a");
  assert.equal(quota.admit("a", 0), true);
});

test("an address of its own limit", () => {
  const quota = new ConnectionQuota(limits, 0);
  assert.deepEqual([quota.admit("10.0.0.9", 0), quota.admit("10.0.0.9", 0)], [true, false]);
});

test("the house is full at the limit of all", () => {
  const quota = new ConnectionQuota(limits, 0);
  for (const address of ["a", "b", "c"]) quota.admit(address, 0);
  assert.equal(quota.isFull, true);
  quota.leave("b");
  assert.equal(quota.isFull, false);
});

test("connections above the rate ask for a pause that ends when the rate allows the next", () => {
  const quota = new ConnectionQuota({ ...limits, connectionsMax: 1000, perIpMax: 1000 }, 0);
  for (let count = 0; count < 10; count++) quota.admit("a", 0);
  const pauseMs = quota.pauseMs(0);
  assert.ok(pauseMs > 0 && pauseMs <= 100);
  assert.equal(quota.pauseMs(pauseMs), 0);
});
