import assert from "node:assert/strict";
import { test } from "node:test";
import { apiFacts, apiKeys } from "./generated/api-facts.ts";
import { findApi, requestHeaderVersion, responseHeaderVersion } from "./header-versions.ts";

test("flexible versions have the higher header, and ApiVersions answers always the lowest", () => {
  assert.equal(requestHeaderVersion(apiKeys.Produce, 8), 1);
  assert.equal(requestHeaderVersion(apiKeys.Produce, 9), 2);
  assert.equal(responseHeaderVersion(apiKeys.Produce, 9), 1);
  assert.equal(requestHeaderVersion(apiKeys.ApiVersions, 3), 2);
  assert.equal(responseHeaderVersion(apiKeys.ApiVersions, 3), 0);
  assert.equal(requestHeaderVersion(apiKeys.SaslHandshake, 1), 1);
});

test("there are 91 APIs, by ascending key, and unstable versions are not stable", () => {
  assert.equal(apiFacts.length, 91);
  assert.deepEqual(
    apiFacts.map((fact) => fact.key),
    apiFacts.map((fact) => fact.key).sort((left, right) => left - right),
  );
  assert.equal(findApi(apiKeys.InitProducerId)?.maxVersion, 6);
  assert.equal(findApi(apiKeys.InitProducerId)?.latestStable, 5);
});
