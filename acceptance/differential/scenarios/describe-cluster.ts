// DescribeCluster on both listeners: endpoint types, fenced brokers, authorised operations.
import { apiKeys } from "@ottla/protocol";
import { scenariosOf } from "../scenario.ts";

const table: Parameters<typeof scenariosOf<typeof apiKeys.DescribeCluster>>[1] = {
  "the cluster": async (x) => {
    await x.ask({});
  },
  "authorised operations": async (x) => {
    await x.ask({ includeClusterAuthorizedOperations: true });
  },
  "endpoint types": {
    from: 1,
    steps: async (x) => {
      for (const endpointType of [1, 2, 0, 3, -1]) await x.ask({ endpointType });
    },
  },
  "fenced brokers": {
    from: 2,
    steps: async (x) => {
      await x.ask({ includeFencedBrokers: true });
      await x.ask({ includeFencedBrokers: true, endpointType: 2 });
    },
  },
};

export const describeClusterScenarios = [
  ...scenariosOf(apiKeys.DescribeCluster, table),
  ...scenariosOf(apiKeys.DescribeCluster, table, "controller"),
];
