// The parts of a log as they are after opening; the partition log is made of them, again after each
// reopening.
import type { LeaderEpochCache } from "../leader-epoch/leader-epoch-cache.ts";
import type { LocalLog } from "../local-log.ts";
import type { ProducerSnapshots } from "../producer-state/producer-snapshots.ts";
import type { ProducerState } from "../producer-state/producer-state.ts";
import type { CachedFile } from "../segment/file-cache.ts";

/** A log ready for use. */
export interface OpenedLog {
  readonly local: LocalLog;
  readonly producers: ProducerState;
  readonly snapshots: ProducerSnapshots;
  readonly epochs: LeaderEpochCache;
  readonly logStartOffset: number;
  /** What was believed in the check is durable, and may be served, once these are synced. */
  readonly toSync: readonly CachedFile[];
}
