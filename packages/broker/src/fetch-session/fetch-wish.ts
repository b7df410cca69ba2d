// From the wire to what a fetch wants of a partition. Offsets are converted here, once; one that no log can
// have is out of every range.
import { type FetchRequest, toSafeNumber, type Uuid } from "@ottla/protocol";
import type { FetchWish } from "../partition/partition-fetch.ts";

const beyondEveryLog: number = Number.MAX_SAFE_INTEGER;

/** The wish of one partition of a request. */
export function fetchWish(from: FetchRequest.FetchPartition): FetchWish {
  return {
    fetchOffset: toSafeNumber(from.fetchOffset) ?? (from.fetchOffset < 0n ? -1 : beyondEveryLog),
    partitionMaxBytes: from.partitionMaxBytes,
    // Any negative epoch is none here; the other APIs take -1 alone for it.
    currentLeaderEpoch: Math.max(-1, from.currentLeaderEpoch),
    lastFetchedEpoch: from.lastFetchedEpoch,
    fetcherLogStartOffset: toSafeNumber(from.logStartOffset) ?? -1,
    knownHighWatermark: toSafeNumber(from.highWatermark) ?? beyondEveryLog,
  };
}

/** Names a partition within one fetch: by topic id from v13 on, by name before. */
export function fetchKey(usesTopicIds: boolean, topic: string, topicId: Uuid, index: number): string {
  return `${usesTopicIds ? topicId : topic}:${index}`;
}
