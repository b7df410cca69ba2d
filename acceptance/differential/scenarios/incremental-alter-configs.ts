// IncrementalAlterConfigs: the four operations, bad ones, resource types, validateOnly, duplicates.
// Consequences are looked at.
import { apiKeys, type IncrementalAlterConfigsRequest } from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.IncrementalAlterConfigs>;
type Change = IncrementalAlterConfigsRequest.AlterableConfig;
const topicType = 2;
const set = 0;
const remove = 1;
const append = 2;
const subtract = 3;

function change(name: string, configOperation: number, value: string | null): Change {
  return { name, configOperation, value };
}

async function alter(
  x: X,
  resourceType: number,
  resourceName: string,
  configs: Change[],
  validateOnly = false,
): Promise<void> {
  await x.ask({ resources: [{ resourceType, resourceName, configs }], validateOnly });
}

async function lookAt(x: X, name: string, keys: string[]): Promise<void> {
  await x.settle();
  const resources = [{ resourceType: topicType, resourceName: name, configurationKeys: keys }];
  await x.look(apiKeys.DescribeConfigs, 4, { resources, includeSynonyms: true }, "what came of it");
}

async function tryEach(x: X, name: string, changes: readonly Change[]): Promise<void> {
  for (const one of changes) await alter(x, topicType, name, [one]);
}

export const incrementalAlterConfigsScenarios = scenariosOf(apiKeys.IncrementalAlterConfigs, {
  "set and delete": async (x) => {
    const topic = await x.create();
    await alter(x, topicType, topic.name, [change("retention.ms", set, "5000")]);
    await lookAt(x, topic.name, ["retention.ms"]);
    await alter(x, topicType, topic.name, [change("retention.ms", remove, null)]);
    await lookAt(x, topic.name, ["retention.ms"]);
    await alter(x, topicType, topic.name, [change("retention.ms", remove, "7")]);
  },
  "append and subtract on a list": async (x) => {
    const topic = await x.create();
    await alter(x, topicType, topic.name, [change("cleanup.policy", append, "compact")]);
    await lookAt(x, topic.name, ["cleanup.policy"]);
    await alter(x, topicType, topic.name, [change("cleanup.policy", append, "compact")]);
    await alter(x, topicType, topic.name, [change("cleanup.policy", subtract, "delete")]);
    await lookAt(x, topic.name, ["cleanup.policy"]);
    await alter(x, topicType, topic.name, [change("cleanup.policy", subtract, "delete")]);
    await alter(x, topicType, topic.name, [change("cleanup.policy", subtract, "compact")]);
    await lookAt(x, topic.name, ["cleanup.policy"]);
  },
  "append and subtract on what is no list": async (x) => {
    const topic = await x.create();
    await tryEach(x, topic.name, [
      change("retention.ms", append, "1"),
      change("retention.ms", subtract, "1"),
    ]);
  },
  "operations that do not exist": async (x) => {
    const topic = await x.create();
    await tryEach(x, topic.name, [
      change("retention.ms", 4, "1"),
      change("retention.ms", -1, "1"),
      change("retention.ms", 127, "1"),
    ]);
  },
  "null values": async (x) => {
    const topic = await x.create();
    await tryEach(x, topic.name, [
      change("retention.ms", set, null),
      change("cleanup.policy", append, null),
      change("cleanup.policy", subtract, null),
    ]);
  },
  "unknown and malformed configs": async (x) => {
    const topic = await x.create();
    await tryEach(x, topic.name, [
      change("no.such.config", set, "1"),
      change("no.such.config", remove, null),
      change("no.such.config", append, "1"),
      change("__proto__", set, "1"),
      change("", set, "1"),
      change("retention.ms", set, "abc"),
      change("retention.ms", set, ""),
      change("retention.ms", set, "-2"),
      change("cleanup.policy", set, "shred"),
      change("cleanup.policy", append, "shred"),
      change("min.compaction.lag.ms", set, "9223372036854775807"),
      change("remote.storage.enable", set, "true"),
    ]);
    await lookAt(x, topic.name, ["retention.ms", "cleanup.policy"]);
  },
  "one bad change spoils the resource": async (x) => {
    const topic = await x.create();
    await alter(x, topicType, topic.name, [
      change("retention.ms", set, "5000"),
      change("segment.bytes", set, "x"),
    ]);
    await lookAt(x, topic.name, ["retention.ms"]);
  },
  "one bad resource does not spoil another": async (x) => {
    const topic = await x.create();
    const other = await x.create("u");
    const resources = [
      { resourceType: topicType, resourceName: topic.name, configs: [change("retention.ms", set, "x")] },
      { resourceType: topicType, resourceName: other.name, configs: [change("retention.ms", set, "5000")] },
    ];
    await x.ask({ resources });
    await lookAt(x, other.name, ["retention.ms"]);
  },
  "validateOnly changes nothing": async (x) => {
    const topic = await x.create();
    await alter(x, topicType, topic.name, [change("retention.ms", set, "5000")], true);
    await alter(x, topicType, topic.name, [change("retention.ms", set, "x")], true);
    await lookAt(x, topic.name, ["retention.ms"]);
  },
  "the same config twice": async (x) => {
    const topic = await x.create();
    await alter(x, topicType, topic.name, [
      change("retention.ms", set, "5000"),
      change("retention.ms", set, "6000"),
    ]);
    await alter(x, topicType, topic.name, [
      change("retention.ms", set, "5000"),
      change("retention.ms", remove, null),
    ]);
    await lookAt(x, topic.name, ["retention.ms"]);
  },
  "the same resource twice": async (x) => {
    const topic = await x.create();
    const one = {
      resourceType: topicType,
      resourceName: topic.name,
      configs: [change("retention.ms", set, "5000")],
    };
    await x.ask({ resources: [one, one] });
    await lookAt(x, topic.name, ["retention.ms"]);
  },
  "no changes, no resources, null ones": async (x) => {
    const topic = await x.create();
    await alter(x, topicType, topic.name, []);
    await alter(x, topicType, "d-nobody-made-this", []);
    await x.ask({ resources: [] });
    await x.ask({ resources: nullArray() });
    await alter(x, topicType, topic.name, nullArray());
  },
  "topics that do not exist or cannot": async (x) => {
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__", "x".repeat(250)]) {
      await alter(x, topicType, name, [change("retention.ms", set, "5000")]);
    }
  },
  "resource types that do not exist": async (x) => {
    for (const type of [0, 1, 3, 64, -1]) await alter(x, type, "x", [change("retention.ms", set, "5000")]);
  },
  "brokers: unknown, malformed, read-only and unknown keys, only validated": async (x) => {
    const one = [change("log.retention.ms", set, "5000")];
    for (const name of ["7", "x", "-1", "1", ""]) await alter(x, 4, name, one, true);
    await alter(x, 4, "1", [change("log.dirs", set, "/x")], true);
    await alter(x, 4, "", [change("log.dirs", set, "/x")], true);
    await alter(x, 4, "1", [change("no.such.config", set, "1")], true);
    await alter(x, 4, "1", [change("log.retention.ms", set, "x")], true);
  },
  "brokers: operations, values and levels, only validated": async (x) => {
    for (const one of [
      change("log.dirs", remove, null),
      change("log.dirs", append, "/x"),
      change("log.retention.ms", set, null),
      change("log.retention.ms", append, "1"),
      change("log.retention.ms", remove, null),
      change("log.retention.ms", 4, "1"),
      change("log.cleanup.policy", append, "compact"),
      change("log.cleanup.policy", append, "shred"),
      change("log.cleanup.policy", subtract, "delete"),
      change("message.max.bytes", set, "-1"),
      change("ssl.keystore.type", set, "JKS"),
      change("listener.name.plaintext.ssl.keystore.type", set, "JKS"),
      change("listener.name.plaintext.max.connections", set, "x"),
      change("max.connections.per.ip", set, "x"),
      change("compression.type", set, "nothing"),
      change("", set, "1"),
      change("__proto__", set, "1"),
    ]) {
      for (const name of ["1", ""]) await alter(x, 4, name, [one], true);
    }
    const twice = [change("log.retention.ms", set, "1"), change("log.retention.ms", set, "2")];
    await alter(x, 4, "1", twice, true);
    await alter(x, 4, "1", [change("log.retention.ms", set, "1"), change("log.dirs", set, "/x")], true);
    for (const name of ["01", "+1", " 1", "1.0", "2147483648"])
      await alter(x, 4, name, [change("log.retention.ms", set, "5000")], true);
  },
});
