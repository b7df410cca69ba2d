// BrokerRegistration and BrokerHeartbeat on the controller's listener: what is refused. Nothing here changes
// the cluster.
import { apiKeys, type BrokerRegistrationRequest, type Uuid } from "@ottla/protocol";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

const incarnationId = "aW5jYXJuYXRpb24tMDAwMQ" as Uuid;

function registration(fields: Partial<BrokerRegistrationRequest>): Partial<BrokerRegistrationRequest> {
  return { brokerId: 9, incarnationId, rack: null, ...fields };
}

export const brokerRegistrationScenarios = [
  ...scenariosOf(
    apiKeys.BrokerRegistration,
    {
      "another cluster's id": async (x) => {
        await x.ask(registration({ clusterId: "another" }));
        await x.ask(registration({ clusterId: "" }));
      },
      "no listeners, no features": async (x) => {
        await x.ask(registration({ clusterId: x.peer.clusterId }));
      },
      "the id of a broker that lives": async (x) => {
        await x.ask(registration({ clusterId: x.peer.clusterId, brokerId: 1 }));
      },
      "null listeners": async (x) => {
        await x.ask(registration({ clusterId: x.peer.clusterId, listeners: nullArray() }));
      },
      "features that do not reach the cluster's": async (x) => {
        const features = [{ name: "metadata.version", minSupportedVersion: 1, maxSupportedVersion: 1 }];
        await x.ask(registration({ clusterId: x.peer.clusterId, features }));
      },
    },
    "controller",
  ),
  ...scenariosOf(
    apiKeys.BrokerHeartbeat,
    {
      "a broker that never registered": async (x) => {
        await x.ask({ brokerId: 9, brokerEpoch: 3n });
        await x.ask({ brokerId: -1, brokerEpoch: -1n });
      },
      "stale epochs": async (x) => {
        for (const brokerEpoch of [-1n, 0n, 9223372036854775807n]) await x.ask({ brokerId: 1, brokerEpoch });
      },
    },
    "controller",
  ),
];
