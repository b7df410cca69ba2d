// AlterConfigs, the old replacing form: what is not named goes back to its default.
import { apiKeys } from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.AlterConfigs>;
const topicType = 2;

async function alter(
  x: X,
  resourceType: number,
  resourceName: string,
  values: readonly (readonly [string, string | null])[],
  validateOnly = false,
): Promise<void> {
  const configs = values.map(([name, value]) => ({ name, value }));
  await x.ask({ resources: [{ resourceType, resourceName, configs }], validateOnly });
}

async function lookAt(x: X, name: string, keys: string[]): Promise<void> {
  await x.settle();
  const resources = [{ resourceType: topicType, resourceName: name, configurationKeys: keys }];
  await x.look(apiKeys.DescribeConfigs, 4, { resources, includeSynonyms: true }, "what came of it");
}

export const alterConfigsScenarios = scenariosOf(apiKeys.AlterConfigs, {
  "what is not named goes back to its default": async (x) => {
    const topic = await x.create("t", { configs: { "segment.ms": "7777777" } });
    await alter(x, topicType, topic.name, [["retention.ms", "5000"]]);
    await lookAt(x, topic.name, ["retention.ms", "segment.ms"]);
    await alter(x, topicType, topic.name, []);
    await lookAt(x, topic.name, ["retention.ms", "segment.ms"]);
  },
  "null, unknown and malformed": async (x) => {
    const topic = await x.create();
    for (const pair of [
      ["retention.ms", null],
      ["retention.ms", "x"],
      ["retention.ms", ""],
      ["no.such", "1"],
      ["", "1"],
      ["__proto__", "1"],
    ] as const) {
      await alter(x, topicType, topic.name, [pair]);
    }
  },
  "validateOnly changes nothing": async (x) => {
    const topic = await x.create();
    await alter(x, topicType, topic.name, [["retention.ms", "5000"]], true);
    await lookAt(x, topic.name, ["retention.ms"]);
  },
  "the same config twice": async (x) => {
    const topic = await x.create();
    await alter(x, topicType, topic.name, [
      ["retention.ms", "5000"],
      ["retention.ms", "6000"],
    ]);
    await lookAt(x, topic.name, ["retention.ms"]);
  },
  "the same resource twice": async (x) => {
    const topic = await x.create();
    const configs = [{ name: "retention.ms", value: "5000" }];
    const one = { resourceType: topicType, resourceName: topic.name, configs };
    x.expectSilence();
    await x.ask({ resources: [one, one] });
  },
  "resources that do not exist or cannot": async (x) => {
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__"])
      await alter(x, topicType, name, [["retention.ms", "5"]]);
    for (const type of [0, 1, 3, 8, 64, -1]) await alter(x, type, "x", [["retention.ms", "5"]]);
    for (const name of ["7", "x"]) await alter(x, 4, name, [["log.retention.ms", "5000"]], true);
  },
  "brokers: read-only, malformed and unknown configs, only validated": async (x) => {
    for (const [key, value] of [
      ["log.retention.ms", "5000"],
      ["log.retention.ms", "x"],
      ["log.retention.ms", null],
      ["log.dirs", "/x"],
      ["no.such.config", "1"],
      ["ssl.keystore.type", "JKS"],
      ["listener.name.plaintext.ssl.keystore.type", "JKS"],
    ] as const) {
      for (const name of ["1", ""]) await alter(x, 4, name, [[key, value]], true);
    }
  },
  "no resources, null ones": async (x) => {
    await x.ask({ resources: [] });
    await x.ask({ resources: nullArray() });
  },
});
