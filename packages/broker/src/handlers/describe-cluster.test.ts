import assert from "node:assert/strict";
import { test } from "node:test";
import { type ApiVersionsResponse, apiKeys, type DescribeClusterResponse, errors } from "@ottla/protocol";
import { ask } from "../testing/ask.ts";
import { controlPlaneBroker, testClusterId } from "../testing/control-plane-broker.ts";

function describe(version: number, fields: Readonly<Record<string, unknown>>): DescribeClusterResponse {
  return ask(
    controlPlaneBroker().broker,
    apiKeys.DescribeCluster,
    version,
    fields,
  ) as DescribeClusterResponse;
}

test("every version tells the cluster, its brokers and a controller", () => {
  for (let version = 0; version <= 2; version++) {
    const answer = describe(version, { includeClusterAuthorizedOperations: true });
    assert.deepEqual([answer.errorCode, answer.clusterId, answer.controllerId], [0, testClusterId, 1]);
    assert.deepEqual(
      answer.brokers.map(({ brokerId, host, port }) => [brokerId, host, port]),
      [[1, "broker-1", 9092]],
    );
    assert.equal(answer.clusterAuthorizedOperations, 8096);
  }
});

test("the other kind of endpoint, and no kind at all, are errors", () => {
  const mismatched = errors.MISMATCHED_ENDPOINT_TYPE.code;
  assert.throws(() => describe(1, { endpointType: 2 }), { code: mismatched });
  assert.throws(() => describe(1, { endpointType: 3 }), { code: errors.UNSUPPORTED_ENDPOINT_TYPE.code });
});

test("ApiVersions refuses malformed names of clients, and lists features of level 0 from version 4", () => {
  const { broker } = controlPlaneBroker();
  const versions = (version: number, clientSoftwareName: string): ApiVersionsResponse =>
    ask(broker, apiKeys.ApiVersions, version, {
      clientSoftwareName,
      clientSoftwareVersion: "1.0",
    }) as ApiVersionsResponse;
  for (const name of ["", "a b", "-a", "a-", "é"]) {
    const answer = versions(3, name);
    assert.deepEqual([answer.errorCode, answer.apiKeys], [errors.INVALID_REQUEST.code, []]);
  }
  const names = (answer: ApiVersionsResponse): string[] => answer.supportedFeatures.map(({ name }) => name);
  assert.deepEqual(names(versions(3, "kcat")), ["metadata.version"]);
  assert.ok(names(versions(4, "kcat")).includes("group.version"));
});
