// One fetch session with one broker (KIP-227): after the first, full request only partitions that are new or
// changed are named, and those that left are forgotten. Invariant: what is kept here is what the broker
// keeps; whenever that is in doubt, the next request is full again. Not here: which partitions to fetch.
import {
  errors,
  type FetchRequest,
  makeFetchRequestFetchPartition,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";

/** A partition as a request names it. */
export interface SessionPartition {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly partition: number;
  readonly fetchOffset: number;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
  readonly partitionMaxBytes: number;
}

/** What one request says about its session and partitions. */
export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly toSend: readonly SessionPartition[];
  readonly toForget: readonly SessionPartition[];
}

const INITIAL_EPOCH = 0;
const FINAL_EPOCH = -1;
const NO_SESSION_ID = 0;
const EPOCH_MAX = 0x7fffffff;

export class FetchSession {
  #sessionId = NO_SESSION_ID;
  #epoch = INITIAL_EPOCH;
  readonly #partitions = new Map<string, SessionPartition>();

  /** Whether the broker keeps anything for this session. */
  get isOpen(): boolean {
    return this.#sessionId !== NO_SESSION_ID;
  }

  /** What to ask for `partitions`, by partition key; they are the session's partitions from now on. */
  next(partitions: ReadonlyMap<string, SessionPartition>): SessionRequest {
    const { sessionId, epoch: sessionEpoch } = { sessionId: this.#sessionId, epoch: this.#epoch };
    if (sessionEpoch === INITIAL_EPOCH) {
      this.#partitions.clear();
      for (const [key, partition] of partitions) this.#partitions.set(key, partition);
      return { sessionId, sessionEpoch, toSend: [...partitions.values()], toForget: [] };
    }
    const toSend: SessionPartition[] = [];
    const toForget: SessionPartition[] = [];
    for (const [key, known] of this.#partitions) {
      const wanted = partitions.get(key);
      if (wanted !== undefined && wanted.topicId === known.topicId) continue;
      toForget.push(known);
      this.#partitions.delete(key);
    }
    for (const [key, partition] of partitions) {
      const known = this.#partitions.get(key);
      if (known !== undefined && isSame(known, partition)) continue;
      // The broker goes through a session's partitions in turn; what was changed comes last there.
      this.#partitions.delete(key);
      this.#partitions.set(key, partition);
      toSend.push(partition);
    }
    return { sessionId, sessionEpoch, toSend, toForget };
  }

  /** The request that ends the session at the broker. */
  end(): SessionRequest {
    const sessionId = this.#sessionId;
    this.reset();
    return { sessionId, sessionEpoch: FINAL_EPOCH, toSend: [], toForget: [] };
  }

  /** Takes the broker's word; false when the session is gone and the next request must be full. */
  answered(errorCode: number, sessionId: number): boolean {
    if (errorCode !== errors.NONE.code) {
      // A session that is not found was evicted; with a wrong epoch the broker still holds it, so it is
      // named once more to be replaced.
      if (errorCode === errors.FETCH_SESSION_ID_NOT_FOUND.code) this.#sessionId = NO_SESSION_ID;
      this.#epoch = INITIAL_EPOCH;
      return false;
    }
    this.#sessionId = sessionId;
    if (sessionId === NO_SESSION_ID) this.#epoch = INITIAL_EPOCH;
    else this.#epoch = this.#epoch === EPOCH_MAX ? 1 : this.#epoch + 1;
    return true;
  }

  /** The request's fate is unknown: the next one is full. */
  failed(): void {
    this.#epoch = INITIAL_EPOCH;
  }

  reset(): void {
    this.#sessionId = NO_SESSION_ID;
    this.#epoch = INITIAL_EPOCH;
    this.#partitions.clear();
  }
}

function isSame(left: SessionPartition, right: SessionPartition): boolean {
  return (
    left.fetchOffset === right.fetchOffset &&
    left.currentLeaderEpoch === right.currentLeaderEpoch &&
    left.lastFetchedEpoch === right.lastFetchedEpoch &&
    left.partitionMaxBytes === right.partitionMaxBytes
  );
}

/** Version from which topics go by id. */
const BY_ID_VERSION = 13;

/** Partitions as the request of `version` holds them. */
export function fetchTopics(
  partitions: readonly SessionPartition[],
  version: number,
): FetchRequest.FetchTopic[] {
  const topics = new Map<string, FetchRequest.FetchTopic>();
  for (const each of partitions) {
    const { topic, topicId } = each;
    const key = `${topic} ${topicId}`;
    const entry = topics.get(key) ?? {
      topic: version < BY_ID_VERSION ? topic : "",
      topicId: version < BY_ID_VERSION ? ZERO_UUID : topicId,
      partitions: [],
    };
    topics.set(key, entry);
    entry.partitions.push(
      makeFetchRequestFetchPartition({
        partition: each.partition,
        fetchOffset: BigInt(each.fetchOffset),
        currentLeaderEpoch: version >= 9 ? each.currentLeaderEpoch : -1,
        lastFetchedEpoch: version >= 12 ? each.lastFetchedEpoch : -1,
        partitionMaxBytes: each.partitionMaxBytes,
      }),
    );
  }
  return [...topics.values()];
}

/** Partitions that the session shall forget, as the request of `version` holds them. */
export function forgottenTopics(
  partitions: readonly SessionPartition[],
  version: number,
): FetchRequest.ForgottenTopic[] {
  const topics = new Map<string, FetchRequest.ForgottenTopic>();
  for (const { topic, topicId, partition } of partitions) {
    const key = `${topic} ${topicId}`;
    const entry = topics.get(key) ?? {
      topic: version < BY_ID_VERSION ? topic : "",
      topicId: version < BY_ID_VERSION ? ZERO_UUID : topicId,
      partitions: [],
    };
    topics.set(key, entry);
    entry.partitions.push(partition);
  }
  return [...topics.values()];
}
