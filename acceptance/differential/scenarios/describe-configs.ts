// DescribeConfigs: every resource type, all keys and some, synonyms and documentation on and off.
import { apiKeys, type DescribeConfigsRequest } from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.DescribeConfigs>;
const topicType = 2;
const brokerType = 4;

async function describe(
  x: X,
  resourceType: number,
  resourceName: string,
  keys: string[] | null = null,
  fields: Partial<DescribeConfigsRequest> = {},
): Promise<void> {
  const resources = [{ resourceType, resourceName, configurationKeys: keys }];
  await x.ask({ resources, ...fields }, `${resourceType} ${resourceName.slice(0, 10)}`);
}

export const describeConfigsScenarios = scenariosOf(apiKeys.DescribeConfigs, {
  "all configs of a topic": async (x) => {
    const topic = await x.create("t", { configs: { "retention.ms": "1000", "cleanup.policy": "compact" } });
    await describe(x, topicType, topic.name);
    await describe(x, topicType, topic.name, null, { includeSynonyms: true });
  },
  "all configs of a broker": async (x) => {
    await describe(x, brokerType, "1");
    await describe(x, brokerType, "1", null, { includeSynonyms: true });
  },
  documentation: {
    from: 3,
    steps: async (x) => {
      const topic = await x.create();
      await describe(x, topicType, topic.name, null, { includeDocumentation: true });
      await describe(x, brokerType, "1", ["log.retention.ms", "num.partitions"], {
        includeDocumentation: true,
      });
    },
  },
  "some configs, unknown ones among them": async (x) => {
    const topic = await x.create();
    for (const keys of [
      ["retention.ms", "no.such"],
      ["__proto__", "constructor", ""],
      [],
      ["retention.ms", "retention.ms"],
    ]) {
      await describe(x, topicType, topic.name, keys);
    }
    await describe(x, brokerType, "1", ["log.dirs", "no.such", "log.retention.hours"]);
  },
  "topics that do not exist or cannot": async (x) => {
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__", "x".repeat(250)]) {
      await describe(x, topicType, name, ["retention.ms"]);
    }
  },
  "brokers that do not exist or cannot": async (x) => {
    for (const name of ["7", "-1", "x", "1.0", " 1", "__proto__"])
      await describe(x, brokerType, name, ["log.dirs"]);
  },
  "the cluster-wide default of brokers": async (x) => {
    await describe(x, brokerType, "");
    await describe(x, brokerType, "", null, { includeSynonyms: true });
  },
  "broker loggers": async (x) => {
    await describe(x, 8, "7", ["kafka.server"]);
    await describe(x, 8, "", ["kafka.server"]);
    await describe(x, 8, "x", ["kafka.server"]);
    await describe(x, 8, "1", ["root", "no.such"]);
  },
  "client metrics and groups": async (x) => {
    await describe(x, 16, "a-subscription");
    await describe(x, 16, "");
    await describe(x, 32, "a-group");
    await describe(x, 32, "");
  },
  "resource types that do not exist": async (x) => {
    for (const type of [0, 1, 3, 5, 64, 127, -1]) await describe(x, type, "x");
  },
  "several resources, one twice": async (x) => {
    const topic = await x.create();
    const one = { resourceType: topicType, resourceName: topic.name, configurationKeys: ["retention.ms"] };
    const broker = { resourceType: brokerType, resourceName: "1", configurationKeys: ["num.partitions"] };
    await x.ask({ resources: [one, broker, one] });
  },
  "no resources, null resources": async (x) => {
    await x.ask({ resources: [] });
    await x.ask({ resources: nullArray() });
  },
});
