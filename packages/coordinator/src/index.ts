// The door of package coordinator.
export type { GroupCoordinator, GroupCoordinatorOptions } from "./group-coordinator.ts";
export type { GroupRequestContext } from "./group-request-context.ts";
export type {
  CoordinatorAppendOutcome,
  CoordinatorLog,
  CoordinatorReadResult,
} from "./runtime/coordinator-log.ts";
export type { CoordinatorLogger } from "./runtime/coordinator-logger.ts";
