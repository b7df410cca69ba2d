// ListConfigResources: each type, several, unknown ones; topics and groups with settings of their own.
import { apiKeys } from "@ottla/protocol";
import type { Exchange, RequestOf } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

const types = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const;

type Key = typeof apiKeys.ListConfigResources;

/** Of what scenarios made, only this one's: others may be on their way still. */
async function listOwn(x: Exchange<Key>, fields: Partial<RequestOf<Key>>): Promise<void> {
  await x.ask(fields, "", (answer) => ({
    ...answer,
    configResources: answer.configResources.filter(
      ({ resourceType, resourceName }) =>
        resourceType === types.broker || resourceType === types.brokerLogger || x.isOwn(resourceName),
    ),
  }));
}

export const listConfigResourcesScenarios = scenariosOf(apiKeys.ListConfigResources, {
  "client metrics, which version 0 asks for": async (x) => {
    const resourceName = x.name("metrics");
    const set = { name: "interval.ms", configOperation: 0, value: "60000" };
    const remove = { ...set, configOperation: 1, value: null };
    const change = async (config: typeof set | typeof remove): Promise<void> => {
      const resources = [{ resourceType: types.clientMetrics, resourceName, configs: [config] }];
      await x.call(apiKeys.IncrementalAlterConfigs, 1, { resources });
      await x.settle();
    };
    await change(set);
    await listOwn(x, x.version === 0 ? {} : { resourceTypes: [types.clientMetrics] });
    await change(remove);
    await listOwn(x, x.version === 0 ? {} : { resourceTypes: [types.clientMetrics] });
  },
  "every type": {
    from: 1,
    steps: async (x) => {
      await x.create();
      await listOwn(x, { resourceTypes: [] });
      for (const type of Object.values(types)) await listOwn(x, { resourceTypes: [type] });
    },
  },
  "several types, one twice": {
    from: 1,
    steps: async (x) => {
      await listOwn(x, { resourceTypes: [types.broker, types.brokerLogger] });
      await listOwn(x, { resourceTypes: [types.broker, types.broker] });
    },
  },
  "types that do not exist": {
    from: 1,
    steps: async (x) => {
      for (const type of [0, 1, 3, 64, -1]) await listOwn(x, { resourceTypes: [type] });
      await listOwn(x, { resourceTypes: [types.broker, 3] });
    },
  },
  "null types": { from: 1, steps: async (x) => await listOwn(x, { resourceTypes: nullArray() }) },
  "groups with settings": {
    from: 1,
    steps: async (x) => {
      const resources = [
        {
          resourceType: types.group,
          resourceName: x.name("group"),
          configs: [{ name: "consumer.session.timeout.ms", configOperation: 0, value: "50000" }],
        },
      ];
      await x.call(apiKeys.IncrementalAlterConfigs, 1, { resources });
      await x.settle();
      await listOwn(x, { resourceTypes: [types.group] });
    },
  },
});
