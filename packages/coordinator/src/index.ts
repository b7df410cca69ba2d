// The door of package coordinator.
export type { GroupMetrics } from "./group/group-metrics.ts";
export type { GroupCoordinator, GroupCoordinatorOptions } from "./group-coordinator.ts";
export type { GroupCoordinatorMetrics } from "./group-coordinator-metrics.ts";
export type { GroupRequestContext } from "./group-request-context.ts";
export { createGroupCoordinator, type LocalGroupCoordinator } from "./local-group-coordinator.ts";
export type {
  CoordinatorAppendOutcome,
  CoordinatorLog,
  CoordinatorReadResult,
} from "./runtime/coordinator-log.ts";
export type { RuntimeMetrics } from "./runtime/runtime-metrics.ts";
