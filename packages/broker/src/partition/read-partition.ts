// Reads one partition for a fetch: is the reader in the right epoch, did its log diverge, what may it see,
// and the records as views. Outcomes go into the fetch's own object. Invariant: `done` runs exactly once
// unless the fetch was reset meanwhile; then the records are given back here. Not here: how several
// partitions share the byte limits (waiting/waiting-fetch.ts).
import type { ReadResult } from "@ottla/log";
import { type ErrorSpec, errors, type Offset } from "@ottla/protocol";
import type { Partition } from "./partition.ts";
import type { PartitionFetch } from "./partition-fetch.ts";

/** Limits of one read and what it may use. */
export interface PartitionReadOptions {
  readonly bytesMax: number;
  readonly atLeastOneBatch: boolean;
  /** Followers always, consumers before v11 (KIP-392). */
  readonly requireLeader: boolean;
  /** -1: a consumer. */
  readonly replicaId: number;
  /** False when a waiting fetch reads again: its offset was counted at the first read. */
  readonly countsAsProgress: boolean;
}

/** Reads; `done` runs before the return when the records are in memory. */
export function readPartition(
  partition: Partition,
  fetch: PartitionFetch,
  options: PartitionReadOptions,
  done: () => void,
): void {
  fetch.reset();
  fetch.leaderId = partition.leader;
  fetch.leaderEpoch = partition.leaderEpoch;
  const { log } = partition;
  const { wish } = fetch;
  const refusal = refusalOf(partition, fetch, options);
  if (refusal !== null || log === null) {
    failRead(fetch, refusal ?? errors.NONE);
    done();
    return;
  }
  // Ends before the read: what is appended meanwhile must not make a follower look behind.
  const end = partition.endFor(fetch.reader);
  fetch.seenEnd = end;
  fetch.seenEpoch = partition.leaderEpoch;
  fetch.highWatermark = log.highWatermark;
  fetch.lastStableOffset = log.lastStableOffset;
  fetch.logStartOffset = log.logStartOffset;
  if (wish.lastFetchedEpoch >= 0 && findDivergence(partition, fetch)) {
    done();
    return;
  }
  const offset = wish.fetchOffset;
  if (offset < log.logStartOffset || offset > log.logEndOffset) {
    failRead(fetch, errors.OFFSET_OUT_OF_RANGE);
    done();
    return;
  }
  if (options.replicaId >= 0 && options.countsAsProgress) {
    partition.followerFetched({
      replicaId: options.replicaId,
      fetchOffset: offset as Offset,
      logStartOffset: wish.fetcherLogStartOffset,
    });
  }
  if (fetch.reader === "read-committed") fetch.abortedTransactions = [];
  if (offset >= end) {
    done();
    return;
  }
  const { generation } = fetch;
  log.read(
    {
      offset: offset as Offset,
      bytesMax: options.bytesMax,
      atLeastOneBatch: options.atLeastOneBatch,
      upperBound: end as Offset,
    },
    (result) => {
      if (fetch.generation !== generation) {
        if (result.kind === "slice") result.slice.release();
        return;
      }
      accept(partition, fetch, result);
      done();
    },
  );
}

/**
 * Why this partition does not serve the fetch at all; NONE, without a log, on a replica that has no records
 * to give.
 */
function refusalOf(
  partition: Partition,
  fetch: PartitionFetch,
  options: PartitionReadOptions,
): ErrorSpec | null {
  const { currentLeaderEpoch } = fetch.wish;
  const accessError = partition.checkAccess(currentLeaderEpoch, options.requireLeader);
  if (accessError !== errors.NONE || partition.log === null) return accessError;
  if (options.replicaId >= 0 && partition.replicas.follower(options.replicaId) === null) {
    // A request with an epoch names a replica that this leader will know soon; without one nobody can say
    // whose view is old.
    return currentLeaderEpoch >= 0 ? errors.UNKNOWN_LEADER_EPOCH : errors.NOT_LEADER_OR_FOLLOWER;
  }
  if (fetch.usesTopicId && fetch.topicId !== partition.topicId) return errors.INCONSISTENT_TOPIC_ID;
  return null;
}

function accept(partition: Partition, fetch: PartitionFetch, result: ReadResult): void {
  switch (result.kind) {
    case "slice":
      fetch.slice = result.slice;
      if (fetch.reader === "read-committed" && partition.log !== null && result.slice.bytes > 0) {
        // Kafka names every transaction that was aborted between the fetch offset and the end of what it
        // sends; up to the bound is more, never less, and needs no look into the batches.
        fetch.abortedTransactions = partition.log.abortedTransactions(
          fetch.wish.fetchOffset as Offset,
          fetch.seenEnd as Offset,
        );
      }
      return;
    case "out-of-range":
      failRead(fetch, errors.OFFSET_OUT_OF_RANGE);
      return;
    case "failed":
      failRead(fetch, result.error);
      return;
  }
}

/** True when the fetch is answered by where the logs part, or by an error (KIP-595). */
function findDivergence(partition: Partition, fetch: PartitionFetch): boolean {
  const { log } = partition;
  if (log === null) return false;
  const { fetchOffset, lastFetchedEpoch } = fetch.wish;
  const found = log.endOffsetFor(lastFetchedEpoch);
  if (found.endOffset < 0 || found.leaderEpoch < 0 || fetchOffset < log.logStartOffset) {
    failRead(fetch, errors.OFFSET_OUT_OF_RANGE);
    return true;
  }
  if (found.leaderEpoch >= lastFetchedEpoch && found.endOffset >= fetchOffset) return false;
  fetch.divergingEpoch = found.leaderEpoch;
  fetch.divergingEndOffset = found.endOffset;
  return true;
}

// Who answers an error still needs the leader that this replica knows.
function failRead(fetch: PartitionFetch, error: typeof errors.NONE): void {
  const { leaderId, leaderEpoch } = fetch;
  fetch.fail(error);
  fetch.leaderId = leaderId;
  fetch.leaderEpoch = leaderEpoch;
}
