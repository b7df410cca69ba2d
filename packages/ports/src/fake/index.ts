// The door of the seeded world.
export type { DelayRange, FakeDelays } from "./delays.ts";
export type { FakeDiskCall, FakeDiskVerdict, FakeStorage } from "./disk/fake-storage.ts";
export { type FakeHost, NodeCrashed } from "./fake-life.ts";
export type { FakeNode, FakeNodeOptions } from "./fake-node.ts";
export {
  type FakeCrash,
  type FakeHalt,
  FakeWorld,
  type FakeWorldOptions,
  type RunEnd,
  type RunLimit,
} from "./fake-world.ts";
export { NotedLogger } from "./noted-logger.ts";
