// AllocateProducerIds on the controller's listener: a block for the broker that is there, strangers, epochs.
import { apiKeys } from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.AllocateProducerIds>;

/** A broker's epoch is the offset of its registration, which comes early. */
const epochsTried = 200n;

async function epochOf(x: X, brokerId: number): Promise<bigint> {
  for (let brokerEpoch = 0n; brokerEpoch < epochsTried; brokerEpoch += 1n) {
    const fields = { brokerId, brokerEpoch };
    const { errorCode } = await x.call(apiKeys.AllocateProducerIds, 0, fields, "controller");
    if (errorCode === 0) return brokerEpoch;
  }
  throw new Error(`preparation: broker ${brokerId} has no epoch below ${epochsTried}`);
}

export const allocateProducerIdsScenarios = scenariosOf(
  apiKeys.AllocateProducerIds,
  {
    "blocks of the broker that is there": async (x) => {
      const brokerEpoch = await epochOf(x, 1);
      for (let times = 0; times < 2; times += 1) await x.ask({ brokerId: 1, brokerEpoch });
    },
    "stale and future epochs": async (x) => {
      for (const brokerEpoch of [-1n, 0n, 9223372036854775807n]) await x.ask({ brokerId: 1, brokerEpoch });
    },
    "brokers that are not there": async (x) => {
      for (const brokerId of [9, -1, 2147483647]) await x.ask({ brokerId, brokerEpoch: 3n });
    },
  },
  "controller",
);
