import assert from "node:assert/strict";
import { test } from "node:test";
import type { RequestContext } from "../dispatch/request-context.ts";
import { groupRequest } from "./group-request.ts";

function hostOf(clientAddress: string): string {
  return groupRequest({ apiVersion: 5, clientId: null, clientAddress } as RequestContext).clientHost;
}

test("addresses are told in Kafka's way: IPv6 in full, IPv4 as such", () => {
  assert.equal(hostOf("10.1.2.3"), "/10.1.2.3");
  assert.equal(hostOf("::ffff:10.1.2.3"), "/10.1.2.3");
  assert.equal(hostOf("::1"), "/0:0:0:0:0:0:0:1");
  assert.equal(hostOf("::"), "/0:0:0:0:0:0:0:0");
  assert.equal(hostOf("2001:db8::7:1"), "/2001:db8:0:0:0:0:7:1");
  assert.equal(hostOf("1:2:3:4:5:6:7:8"), "/1:2:3:4:5:6:7:8");
});

test("a client without an id has an empty one", () => {
  const context = { apiVersion: 5, clientId: null, clientAddress: "10.1.2.3" } as RequestContext;
  const { apiVersion, clientId, clientHost } = groupRequest(context);
  assert.deepEqual([apiVersion, clientId, clientHost], [5, "", "/10.1.2.3"]);
});
