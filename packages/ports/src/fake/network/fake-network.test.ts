// The simulated network under the contract of all networks. Partitions, crashes, resets: faults.test.ts.
import assert from "node:assert/strict";
import { networkContract } from "../../contract/network-contract.test.ts";
import { FakeWorld } from "../fake-world.ts";

for (const seed of [1, 2, 3]) {
  networkContract(`fake network, seed ${seed}`, () => {
    const world = new FakeWorld({ seed });
    return {
      network: world.node("n").ports.network,
      host: "localhost",
      floodMegabytes: 1,
      until: async (isDone) => assert.equal(world.run({ until: isDone }), "until"),
    };
  });
}
