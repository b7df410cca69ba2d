// Numbers of a group coordinator, for whoever shows them.
import type { GroupMetrics } from "./group/group-metrics.ts";
import type { RuntimeMetrics } from "./runtime/runtime-metrics.ts";

export interface GroupCoordinatorMetrics {
  readonly runtime: Readonly<RuntimeMetrics>;
  readonly groups: Readonly<GroupMetrics>;
  /** Decisions that wait for their commit, now. */
  readonly pendingWrites: number;
  /** Memory that members hold now, about. */
  readonly memberBytes: number;
}
