// What a Fetch request means with its session: which partitions to read, and which of the outcomes to tell. A
// request without session reads what it names and is told all; one that opens a session likewise, and gets an
// id; one within a session reads all partitions of the session and is told what changed (KIP-227). Invariant:
// a context that fails or ends leaves nothing behind in a partition.
import { endsPiece, type Pieces } from "@ottla/ports";
import { type ErrorSpec, errors, type FetchRequest, type Uuid, ZERO_UUID } from "@ottla/protocol";
import { PartitionFetch } from "../partition/partition-fetch.ts";
import {
  dismiss,
  type FetchSession,
  finalEpoch,
  initialEpoch,
  nextEpoch,
  noSessionId,
  type PendingPoll,
} from "./fetch-session.ts";
import type { FetchSessionCache } from "./fetch-session-cache.ts";
import { fetchKey, fetchWish } from "./fetch-wish.ts";

/** What goes into the response. */
export interface FetchOutcome {
  readonly error: ErrorSpec;
  readonly sessionId: number;
  /** Whose partitions these are; null when they belong to the request alone. */
  readonly session: FetchSession | null;
  readonly partitions: readonly PartitionFetch[];
}

/** A request in the light of its session. */
export interface FetchContext {
  /** Not NONE: nothing is read, and the response says this. */
  readonly error: ErrorSpec;
  readonly session: FetchSession | null;
  /** What to read, in order. */
  readonly partitions: readonly PartitionFetch[];
  /**
   * After the reads; `outcomes` are the context's partitions in the order of the response. A session that it
   * opens is only known to its caller, in the turn in which the work ends.
   */
  finish(outcomes: readonly PartitionFetch[]): Pieces<FetchOutcome>;
}

/** First version with sessions, and first with topic ids. */
const sessionVersion = 7;
const topicIdVersion = 13;

/** What a context is opened with. */
export interface FetchAsked {
  readonly request: FetchRequest;
  readonly version: number;
  readonly isFromFollower: boolean;
  /** A topic's name by its id, null when unknown. */
  topicName(topicId: Uuid): string | null;
  /** Stands in the session from now on. Once it was superseded the session belongs to somebody else. */
  readonly poll: PendingPoll & { readonly isSuperseded: boolean };
}

/** Opens the context of a request. */
export function* openFetchContext(cache: FetchSessionCache, asked: FetchAsked): Pieces<FetchContext> {
  const { request, version, isFromFollower } = asked;
  const usesTopicIds = version >= topicIdVersion;
  const epoch = version < sessionVersion ? finalEpoch : request.sessionEpoch;
  const sessionId = version < sessionVersion ? noSessionId : request.sessionId;
  if (epoch === initialEpoch || epoch === finalEpoch) {
    const replaced = sessionId === noSessionId ? null : cache.find(sessionId);
    if (replaced !== null) cache.remove(replaced);
    const partitions = yield* namedPartitions(asked, usesTopicIds);
    if (epoch === finalEpoch) return new SessionlessContext(partitions);
    return new OpeningContext(cache, partitions, usesTopicIds, isFromFollower);
  }
  const session = cache.find(sessionId);
  if (session === null) return new FailedContext(errors.FETCH_SESSION_ID_NOT_FOUND);
  if (session.epoch !== epoch) return new FailedContext(errors.INVALID_FETCH_SESSION_EPOCH);
  if (session.usesTopicIds !== usesTopicIds) return new FailedContext(errors.FETCH_SESSION_TOPIC_ID_ERROR);
  return yield* continueSession(cache, session, asked);
}

function* continueSession(
  cache: FetchSessionCache,
  session: FetchSession,
  asked: FetchAsked,
): Pieces<FetchContext> {
  // A poll of the epoch before that is not answered can only get an error: its reader went on without it.
  session.pendingPoll?.supersede();
  session.pendingPoll = asked.poll;
  session.epoch = nextEpoch(session.epoch);
  yield* session.update(asked.request, asked.topicName);
  if (asked.poll.isSuperseded) return new FailedContext(errors.INVALID_FETCH_SESSION_EPOCH);
  // The end of the session, if it comes now, is this poll's own doing and no reason to supersede it.
  session.pendingPoll = null;
  if (!cache.use(session)) return new FailedContext(errors.FETCH_SESSION_ID_NOT_FOUND);
  if (session.size === 0) {
    cache.remove(session);
    return new SessionlessContext(yield* namedPartitions(asked, session.usesTopicIds));
  }
  session.pendingPoll = asked.poll;
  const partitions: PartitionFetch[] = [];
  for (const partition of session.partitions()) {
    partition.topic ??= asked.topicName(partition.topicId);
    partitions.push(partition);
    if (!endsPiece(partitions.length)) continue;
    yield;
    if (asked.poll.isSuperseded) return new FailedContext(errors.INVALID_FETCH_SESSION_EPOCH);
  }
  return new IncrementalContext(cache, session, partitions);
}

class FailedContext implements FetchContext {
  readonly error: ErrorSpec;
  readonly session: null = null;
  readonly partitions: readonly PartitionFetch[] = [];

  constructor(error: ErrorSpec) {
    this.error = error;
  }

  *finish(): Pieces<FetchOutcome> {
    yield* stopWatching(this.partitions);
    return { error: this.error, sessionId: noSessionId, session: null, partitions: [] };
  }
}

class SessionlessContext implements FetchContext {
  readonly error: ErrorSpec = errors.NONE;
  readonly session: null = null;
  readonly partitions: readonly PartitionFetch[];

  constructor(partitions: Map<string, PartitionFetch>) {
    this.partitions = [...partitions.values()];
  }

  *finish(outcomes: readonly PartitionFetch[]): Pieces<FetchOutcome> {
    yield* stopWatching(this.partitions);
    return { error: errors.NONE, sessionId: noSessionId, session: null, partitions: outcomes };
  }
}

class OpeningContext implements FetchContext {
  readonly error: ErrorSpec = errors.NONE;
  readonly session: null = null;
  readonly partitions: readonly PartitionFetch[];
  readonly #cache: FetchSessionCache;
  readonly #named: Map<string, PartitionFetch>;
  readonly #usesTopicIds: boolean;
  readonly #isFromFollower: boolean;

  constructor(
    cache: FetchSessionCache,
    partitions: Map<string, PartitionFetch>,
    usesTopicIds: boolean,
    isFromFollower: boolean,
  ) {
    this.#cache = cache;
    this.#named = partitions;
    this.#usesTopicIds = usesTopicIds;
    this.#isFromFollower = isFromFollower;
    this.partitions = [...partitions.values()];
  }

  *finish(outcomes: readonly PartitionFetch[]): Pieces<FetchOutcome> {
    let items = 0;
    for (const partition of this.partitions) {
      noteSent(partition);
      if (endsPiece(++items)) yield;
    }
    const session = this.#cache.create({
      isPrivileged: this.#isFromFollower,
      usesTopicIds: this.#usesTopicIds,
      partitions: this.#named,
    });
    if (session === null) yield* stopWatching(this.partitions);
    return { error: errors.NONE, sessionId: session?.id ?? noSessionId, session, partitions: outcomes };
  }
}

class IncrementalContext implements FetchContext {
  readonly error: ErrorSpec = errors.NONE;
  readonly session: FetchSession;
  readonly partitions: readonly PartitionFetch[];
  readonly #cache: FetchSessionCache;
  readonly #epoch: number;

  constructor(cache: FetchSessionCache, session: FetchSession, partitions: readonly PartitionFetch[]) {
    this.#cache = cache;
    this.session = session;
    this.partitions = partitions;
    this.#epoch = session.epoch;
  }

  *finish(outcomes: readonly PartitionFetch[]): Pieces<FetchOutcome> {
    const { session } = this;
    const changed: PartitionFetch[] = [];
    let items = 0;
    for (const partition of outcomes) {
      if (endsPiece(++items)) {
        yield;
        // Whoever took the session over owns its partitions by now.
        if (!this.#isOwn()) break;
      }
      if (!hasNews(partition)) continue;
      noteSent(partition);
      if (partition.slice.bytes > 0) session.moveToEnd(partition);
      changed.push(partition);
    }
    if (!this.#isOwn()) {
      const error = errors.INVALID_FETCH_SESSION_EPOCH;
      return { error, sessionId: session.id, session: null, partitions: [] };
    }
    return { error: errors.NONE, sessionId: session.id, session, partitions: changed };
  }

  #isOwn(): boolean {
    return this.session.epoch === this.#epoch && this.#cache.find(this.session.id) === this.session;
  }
}

/** A later entry for the same partition replaces the wish of an earlier one. */
function* namedPartitions(
  { request, topicName }: FetchAsked,
  usesTopicIds: boolean,
): Pieces<Map<string, PartitionFetch>> {
  const partitions = new Map<string, PartitionFetch>();
  let items = 0;
  for (const topic of request.topics) {
    const topicId = usesTopicIds ? topic.topicId : ZERO_UUID;
    const name = usesTopicIds ? topicName(topicId) : topic.topic;
    for (const partition of topic.partitions) {
      const key = fetchKey(usesTopicIds, topic.topic, topicId, partition.partition);
      const known = partitions.get(key);
      const wish = fetchWish(partition);
      if (known !== undefined) known.wish = wish;
      else partitions.set(key, new PartitionFetch(topicId, name, partition.partition, wish));
      if (endsPiece(++items)) yield;
    }
  }
  return partitions;
}

function hasNews(partition: PartitionFetch): boolean {
  return (
    partition.slice.bytes > 0 ||
    partition.error !== errors.NONE ||
    partition.divergingEpoch >= 0 ||
    partition.highWatermark !== partition.sentHighWatermark ||
    partition.logStartOffset !== partition.sentLogStartOffset
  );
}

// After an error or a divergence the reader is told again once things are well, whatever the high watermark
// is then.
function noteSent(partition: PartitionFetch): void {
  const isSettled = partition.error === errors.NONE && partition.divergingEpoch < 0;
  partition.sentHighWatermark = isSettled ? partition.highWatermark : -1;
  partition.sentLogStartOffset = partition.logStartOffset;
}

function* stopWatching(partitions: readonly PartitionFetch[]): Pieces<void> {
  let items = 0;
  for (const partition of partitions) {
    partition.stopWatching();
    if (endsPiece(++items)) yield;
  }
}

/** For contexts that were given up before their end. */
export function abandon(context: FetchContext): void {
  // A session lives on and its next poll uses the same partitions; what belongs to this request alone is
  // dropped.
  if (context.session === null) for (const partition of context.partitions) dismiss(partition);
}
