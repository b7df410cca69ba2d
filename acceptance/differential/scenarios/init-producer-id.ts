// InitProducerId of producers without a transactional id. Transactions are another API's story.
import { apiKeys } from "@ottla/protocol";
import { scenariosOf } from "../scenario.ts";

export const initProducerIdScenarios = scenariosOf(apiKeys.InitProducerId, {
  "a producer id, and another one": async (x) => {
    await x.producerId();
    await x.ask({ transactionalId: null });
    await x.ask({ transactionalId: null });
  },
  "a producer that has an id already": {
    from: 3,
    steps: async (x) => {
      await x.producerId();
      const answer = await x.ask({ transactionalId: null, producerId: -1n, producerEpoch: -1 });
      await x.ask({ transactionalId: null, producerId: answer?.producerId ?? 0n, producerEpoch: 0 });
      await x.ask({ transactionalId: null, producerId: 123456n, producerEpoch: 7 });
    },
  },
  "an id without epoch, an epoch without id": {
    from: 3,
    steps: async (x) => {
      await x.producerId();
      await x.ask({ transactionalId: null, producerId: 5n, producerEpoch: -1 });
      await x.ask({ transactionalId: null, producerId: -1n, producerEpoch: 5 });
      await x.ask({ transactionalId: null, producerId: -2n, producerEpoch: -2 });
    },
  },
  "timeouts do not matter without a transactional id": async (x) => {
    await x.producerId();
    for (const transactionTimeoutMs of [0, -1, 2147483647])
      await x.ask({ transactionalId: null, transactionTimeoutMs });
  },
  "an empty transactional id": async (x) => {
    await x.producerId();
    await x.ask({ transactionalId: "", transactionTimeoutMs: 1000 });
  },
});
