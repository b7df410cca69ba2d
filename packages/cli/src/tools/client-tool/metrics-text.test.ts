import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsText } from "./metrics-text.ts";

test("metrics are sorted by group, name and tags; numbers have three fraction digits", () => {
  const tags = { "client-id": "c" };
  const group = "consumer-fetch-manager-metrics";
  const text = metricsText([
    { group, name: "records-lag", tags: { ...tags, topic: "t", partition: "0" }, value: 3 },
    { group, name: "fetch-rate", tags, value: Number.NaN },
    { group: "app-info", name: "version", tags, value: "4.3.1" },
    { group, name: "fetch-rate", tags: { ...tags, topic: "t" }, value: 0.12345 },
  ]);
  const width = `${group}:records-lag:{client-id=c, topic=t, partition=0}`.length;
  const name = (own: string): string => `${group}:${own}`.padEnd(width);
  assert.deepEqual(text.split("\n"), [
    "",
    `${"Metric Name".padEnd(width)}   Value`,
    `${"app-info:version:{client-id=c}".padEnd(width)} : 4.3.1`,
    `${name("fetch-rate:{client-id=c, topic=t}")} : 0.123`,
    `${name("fetch-rate:{client-id=c}")} : NaN`,
    `${name("records-lag:{client-id=c, topic=t, partition=0}")} : 3.000`,
    "",
  ]);
});

test("without metrics there is no table", () => {
  assert.equal(metricsText([]), "");
});
