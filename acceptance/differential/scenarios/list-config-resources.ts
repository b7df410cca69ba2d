// ListConfigResources: each type, several, unknown ones; topics and groups with settings of their own.
import { apiKeys } from "@ottla/protocol";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

const types = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const;

export const listConfigResourcesScenarios = scenariosOf(apiKeys.ListConfigResources, {
  "client metrics, which version 0 asks for": async (x) => {
    const resourceName = x.name("metrics");
    const set = { name: "interval.ms", configOperation: 0, value: "60000" };
    const remove = { ...set, configOperation: 1, value: null };
    const change = async (config: typeof set | typeof remove): Promise<void> => {
      const resources = [{ resourceType: types.clientMetrics, resourceName, configs: [config] }];
      await x.call(apiKeys.IncrementalAlterConfigs, 1, { resources });
      await new Promise((done) => setTimeout(done, 100));
    };
    await change(set);
    await x.ask(x.version === 0 ? {} : { resourceTypes: [types.clientMetrics] });
    await change(remove);
    await x.ask(x.version === 0 ? {} : { resourceTypes: [types.clientMetrics] });
  },
  "every type": {
    from: 1,
    steps: async (x) => {
      await x.create();
      await x.ask({ resourceTypes: [] });
      for (const type of Object.values(types)) await x.ask({ resourceTypes: [type] });
    },
  },
  "several types, one twice": {
    from: 1,
    steps: async (x) => {
      await x.ask({ resourceTypes: [types.broker, types.brokerLogger] });
      await x.ask({ resourceTypes: [types.broker, types.broker] });
    },
  },
  "types that do not exist": {
    from: 1,
    steps: async (x) => {
      for (const type of [0, 1, 3, 64, -1]) await x.ask({ resourceTypes: [type] });
      await x.ask({ resourceTypes: [types.broker, 3] });
    },
  },
  "null types": { from: 1, steps: async (x) => void (await x.ask({ resourceTypes: nullArray() })) },
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
      await new Promise((done) => setTimeout(done, 100));
      await x.ask({ resourceTypes: [types.group] });
    },
  },
});
