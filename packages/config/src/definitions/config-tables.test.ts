// The tables hold together: defaults satisfy their own rules, fallbacks exist, changed defaults name real
// settings.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigDef } from "./config-def.ts";
import {
  BROKER_CONFIGS,
  CLIENT_METRICS_CONFIGS,
  GROUP_CONFIGS,
  QUOTA_CONFIGS,
  TOPIC_CONFIGS,
} from "./config-tables.ts";
import { formatJavaDouble, parseJavaDouble } from "./java-double.ts";
import { nearestKey } from "./nearest-key.ts";
import { CHANGED_BROKER_DEFAULTS, OTTLA_BROKER_CONFIGS } from "./ottla-configs.ts";
import { parseConfigValue } from "./parse-value.ts";

test("every default is a canonical text that its own definition takes", () => {
  const tables = [
    BROKER_CONFIGS,
    TOPIC_CONFIGS,
    GROUP_CONFIGS,
    CLIENT_METRICS_CONFIGS,
    ...Object.values(QUOTA_CONFIGS),
  ];
  const defs: ConfigDef[] = tables.flatMap((table) => [...table.values()]);
  for (const def of defs) {
    if (def.default === null) continue;
    assert.deepEqual(parseConfigValue(def, def.default), { ok: true, text: def.default }, def.name);
  }
});

test("every fallback of a topic or group setting is a broker setting", () => {
  for (const def of TOPIC_CONFIGS.values()) {
    for (const { name } of def.synonyms) assert.ok(BROKER_CONFIGS.has(name), `${def.name} -> ${name}`);
  }
  for (const { name, brokerDefault } of GROUP_CONFIGS.values()) {
    assert.ok(brokerDefault === null || BROKER_CONFIGS.has(brokerDefault), name);
  }
});

test("a changed default belongs to a Kafka setting and our own settings say what they do", () => {
  for (const { name, default: changed } of CHANGED_BROKER_DEFAULTS) {
    assert.equal(BROKER_CONFIGS.get(name)?.default, changed);
  }
  for (const def of OTTLA_BROKER_CONFIGS) assert.ok(def.meaning, def.name);
});

test("doubles read and print as in Java", () => {
  for (const text of ["0.5", "1.0", "2.147483647E9", "1.7976931348623157E308", "1.0E-4", "-0.25"]) {
    const value = parseJavaDouble(text);
    assert.ok(value !== undefined);
    assert.equal(formatJavaDouble(value), text);
  }
  for (const text of ["", "x", "NaN", "0x1p3", "1e999", "1.2.3"])
    assert.equal(parseJavaDouble(text), undefined);
});

test("a near key is suggested, a far one is not", () => {
  assert.equal(nearestKey("num.partition", BROKER_CONFIGS.keys()), "num.partitions");
  assert.equal(nearestKey("advertised.listners", BROKER_CONFIGS.keys()), "advertised.listeners");
  assert.equal(nearestKey("totally.different", BROKER_CONFIGS.keys()), undefined);
  assert.equal(nearestKey("x".repeat(100_000), BROKER_CONFIGS.keys()), undefined);
});
