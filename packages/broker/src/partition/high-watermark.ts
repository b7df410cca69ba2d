// The high watermark of a partition that this broker leads: the first offset that is not yet durable on every
// replica that may be in sync. Pure. Invariant: it never moves back within a leader epoch, never passes the
// leader's own durable end, and stands still while fewer than the minimum are in sync (KIP-966). Not here:
// who waits for it (waiting/), where it is kept (package log).
import type { Offset } from "@ottla/protocol";
import type { InSyncReplicas } from "./in-sync-replicas.ts";

/** The ends that decide. */
export interface HighWatermarkInputs {
  readonly self: number;
  readonly current: Offset;
  readonly ownDurableEnd: Offset;
  readonly minInSync: number;
}

/** Where the high watermark belongs now; `current` when it cannot move. */
export function nextHighWatermark(replicas: InSyncReplicas, inputs: HighWatermarkInputs): Offset {
  if (replicas.committed.size < inputs.minInSync) return inputs.current;
  let lowest: Offset = inputs.ownDurableEnd;
  for (const id of replicas.maximal()) {
    if (id === inputs.self) continue;
    const durableEnd = replicas.follower(id)?.durableEnd ?? null;
    if (durableEnd === null) return inputs.current;
    if (durableEnd < lowest) lowest = durableEnd;
  }
  return lowest > inputs.current ? lowest : inputs.current;
}
