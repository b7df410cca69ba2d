import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKeys, errors, type ListConfigResourcesResponse, type Uuid } from "@ottla/protocol";
import { ask } from "../testing/ask.ts";
import { controlPlaneBroker } from "../testing/control-plane-broker.ts";
import { testTopic } from "../testing/test-topic.ts";

function list(version: number, resourceTypes: readonly number[] = []): ListConfigResourcesResponse {
  const topics = [testTopic("orders", "OOOOOOOOOOOOOOOOOOOOOA" as Uuid)];
  const { broker } = controlPlaneBroker({ topics });
  const { image } = broker.metadata;
  const configs = image.configs.with(16, "meter", "interval.ms", "1000").with(32, "g", "any", "1");
  (broker.metadata as { image: unknown }).image = { ...image, configs };
  const fields = version === 0 ? {} : { resourceTypes: [...resourceTypes] };
  return ask(broker, apiKeys.ListConfigResources, version, fields) as ListConfigResourcesResponse;
}

function named({ configResources }: ListConfigResourcesResponse): [number, string][] {
  return configResources.map(({ resourceType, resourceName }) => [resourceType, resourceName]);
}

test("no types means all: topics and brokers by being there, others by their settings", () => {
  assert.deepEqual(named(list(1)), [
    [2, "orders"],
    [4, "1"],
    [8, "1"],
    [16, "meter"],
    [32, "g"],
  ]);
});

test("version 0 lists client metrics alone, and each type is listed once", () => {
  assert.deepEqual(named(list(0)), [[16, "meter"]]);
  assert.deepEqual(named(list(1, [4, 4])), [[4, "1"]]);
});

test("an unknown type among known ones lists nothing", () => {
  const answer = list(1, [4, 3]);
  assert.deepEqual([answer.errorCode, named(answer)], [errors.UNSUPPORTED_VERSION.code, []]);
});
