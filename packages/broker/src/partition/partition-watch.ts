// When a waiting fetch has something to answer on one partition. Pure. A fetch wakes on more to read, on
// another role or leader epoch, on a log start beyond its offset, on a high watermark its follower does not
// know, and when the partition is gone or offline. Not here: whether what there is to read is enough
// (waiting/waiting-fetch.ts).
import type { Partition } from "./partition.ts";
import type { PartitionFetch } from "./partition-fetch.ts";

/** True when the partition changed since the fetch last read it. */
export function isAwakened(fetch: PartitionFetch, partition: Partition): boolean {
  return partition.endFor(fetch.reader) > fetch.seenEnd || mustAnswer(fetch, partition);
}

/** True when the fetch is to be answered however few bytes there are. */
function mustAnswer(fetch: PartitionFetch, partition: Partition): boolean {
  if (partition.log === null || partition.leaderEpoch !== fetch.seenEpoch) return true;
  if (fetch.wish.fetchOffset < partition.logStartOffset) return true;
  // The log was cut behind the reader's back.
  if (partition.endFor(fetch.reader) < fetch.seenEnd) return true;
  return fetch.reader === "follower" && partition.log.highWatermark > fetch.wish.knownHighWatermark;
}
