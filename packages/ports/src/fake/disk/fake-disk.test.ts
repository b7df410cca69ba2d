// The simulated disk under the contract of all disks. What a crash leaves of it: crash.test.ts.
import assert from "node:assert/strict";
import { type DiskHarness, diskContract } from "../../contract/disk-contract.test.ts";
import { FakeWorld } from "../fake-world.ts";

function open(): DiskHarness {
  const world = new FakeWorld({ seed: 1 });
  const { disk } = world.node("n").ports;
  disk.makeDirectory("/data");
  return {
    disk,
    root: "/data",
    until: async (isDone) => assert.equal(world.run({ until: isDone }), "until"),
    close: () => {},
  };
}

diskContract("fake disk", open);
