// Fetch (key 1), versions 4 to 18.
// - Reads partitions in the order of the request, or of its session, until `maxBytes`; the first batch of the
// first partition that has
//   one comes whole however large it is (KIP-74). Answers at once when the minimum is there, a partition has
//   an error or diverges, or the client does not want to wait; else when news come, at the latest after
//   `maxWaitMs`.
// - Consumers read to the high watermark, with isolation level 1 to the last stable offset; followers to the
// written end, and their
//   offset counts as durable there. Records are views on the log, given back when the response left.
// - Sessions (KIP-227): see fetch-session/fetch-context.ts. A session with a poll that waits is taken over by
// its next request. v5 log start offset · v7 sessions · v9 leader epoch (KIP-320) · v10 zstd · v11 rack id
// (KIP-392) · v12 flexible, diverging epoch v13 topic ids · v15 replica state · v16 node endpoints (KIP-951)
// · v17 directory ids · v18 high watermark of the follower (KIP-1166) Gaps: no preferred read replica, no
// quotas.
import type { LogSlice } from "@ottla/log";
import { endsPiece, type Pieces } from "@ottla/ports";
import { type ErrorSpec, errors, type FetchRequest } from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { BrokerNode } from "../cluster-view/nodes.ts";
import type { Handler, Reply } from "../dispatch/handler.ts";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";
import { abandon, type FetchContext, openFetchContext } from "../fetch-session/fetch-context.ts";
import type { FetchSession, PendingPoll } from "../fetch-session/fetch-session.ts";
import { fetchLimits } from "../limits.ts";
import { findPartition } from "../partition/find-partition.ts";
import type { PartitionFetch } from "../partition/partition-fetch.ts";
import { type PollOptions, WaitingFetch } from "../waiting/waiting-fetch.ts";
import { NamedLeaders } from "./current-leader.ts";
import { type FetchReply, fetchReply } from "./fetch-reply.ts";
import { checkIsolationLevel } from "./isolation-level.ts";

const replicaStateVersion = 15;
const nodesVersion = 16;
/** From here on consumers may read from followers (KIP-392). */
const anyReplicaVersion = 11;
const readCommitted = 1;

export const handleFetch: Handler<FetchRequest, FetchReply> = (broker, context, request, reply) => {
  checkIsolationLevel(request.isolationLevel);
  const run = new FetchRun(broker, context, request, reply);
  context.inSlices(run.begin(), () => run.poll());
};

/** An answer, and the session whose partitions it tells of. */
interface FinishedFetch {
  readonly reply: FetchReply;
  readonly session: FetchSession | null;
}

/** One Fetch from its session to its answer. */
class FetchRun implements PendingPoll {
  readonly #broker: BrokerServices;
  readonly #context: RequestContext;
  readonly #reply: Reply<FetchReply>;
  readonly #readable: PartitionFetch[] = [];
  readonly #refused: PartitionFetch[] = [];
  readonly #request: FetchRequest;
  readonly #replicaId: number;
  /** Bytes of records in the whole answer. */
  readonly #bytesMax: number;
  #fetch: FetchContext | null = null;
  #poll: WaitingFetch | null = null;
  #state: "opening" | "reading" | "finishing" | "replied" = "opening";
  /** Another request took the session over, or it is closed. */
  isSuperseded = false;

  constructor(
    broker: BrokerServices,
    context: RequestContext,
    request: FetchRequest,
    reply: Reply<FetchReply>,
  ) {
    this.#broker = broker;
    this.#context = context;
    this.#request = request;
    this.#replicaId =
      context.apiVersion >= replicaStateVersion ? request.replicaState.replicaId : request.replicaId;
    this.#bytesMax = Math.min(request.maxBytes, broker.config.fetchMaxBytes);
    this.#reply = reply;
  }

  get #isFollower(): boolean {
    return this.#replicaId >= 0;
  }

  /** Up to the first read. */
  *begin(): Pieces<void> {
    const { topics } = this.#broker.metadata.image;
    const fetch = yield* openFetchContext(this.#broker.fetchSessions, {
      request: this.#request,
      version: this.#context.apiVersion,
      isFromFollower: this.#isFollower,
      topicName: (topicId) => topics.byId(topicId)?.name ?? null,
      poll: this,
    });
    this.#fetch = fetch;
    yield* this.#sort(fetch.partitions);
  }

  poll(): void {
    const fetch = this.#fetch as FetchContext;
    if (this.isSuperseded) {
      this.#refuse();
      return;
    }
    if (this.#readable.length === 0) {
      this.#finish(fetch);
      return;
    }
    const isFollower = this.#isFollower;
    const request = this.#request;
    const bytesMax = this.#bytesMax;
    const options: PollOptions = {
      reader: isFollower
        ? "follower"
        : request.isolationLevel === readCommitted
          ? "read-committed"
          : "read-uncommitted",
      replicaId: this.#replicaId,
      requireLeader: isFollower || this.#context.apiVersion < anyReplicaVersion,
      waitMsMax: request.maxWaitMs,
      bytesMin: Math.min(request.minBytes, bytesMax),
      bytesMax,
    };
    let isAnswered = false;
    const poll = new WaitingFetch(this.#readable, options, this.#pollServices(), () => {
      isAnswered = true;
      this.#finish(fetch);
    });
    this.#poll = poll;
    this.#state = "reading";
    poll.start();
    if (isAnswered) return;
    this.#context.whenGone(() => {
      poll.cancel();
      abandon(fetch);
    });
  }

  /** A request that has not begun to read, or has read everything, sees that by itself. */
  supersede(): void {
    if (this.isSuperseded) return;
    this.isSuperseded = true;
    if (this.#state === "replied") {
      // The partitions are about to change under the answer that is being written.
      if (this.#context.takeBack()) this.#refuse();
    } else if (this.#state === "reading") {
      this.#poll?.cancel();
      this.#refuse();
    }
  }

  #pollServices(): ConstructorParameters<typeof WaitingFetch>[2] {
    const broker = this.#broker;
    const { waiting, slices } = broker;
    return { waiting, slices, find: (topic, index) => findPartition(broker, topic, index) };
  }

  /** Parts what may be read from what is refused unread. */
  *#sort(partitions: readonly PartitionFetch[]): Pieces<void> {
    const isFollower = this.#isFollower;
    const mayFollow = isFollower && this.#context.isAllowed("CLUSTER_ACTION", "CLUSTER", clusterResourceName);
    const allowed = new Map<string, boolean>();
    const mayRead = (topic: string): boolean => {
      if (isFollower) return mayFollow;
      let isAllowed = allowed.get(topic);
      if (isAllowed === undefined) {
        isAllowed = this.#context.isAllowed("READ", "TOPIC", topic);
        allowed.set(topic, isAllowed);
      }
      return isAllowed;
    };
    let items = 0;
    for (const partition of partitions) {
      if (endsPiece(++items)) yield;
      const error = this.#refusal(partition, isFollower && !mayFollow, mayRead);
      if (error === errors.NONE) this.#readable.push(partition);
      else {
        // A negative size fails in the read itself, which tells nothing of transactions.
        if (error === errors.UNKNOWN_SERVER_ERROR) partition.fail(error);
        else partition.refuse(error);
        this.#refused.push(partition);
      }
    }
  }

  #refusal(
    { topic, index, wish }: PartitionFetch,
    isRefusedFollower: boolean,
    mayRead: (topic: string) => boolean,
  ): ErrorSpec {
    if (isRefusedFollower) return errors.TOPIC_AUTHORIZATION_FAILED;
    if (topic === null) return errors.UNKNOWN_TOPIC_ID;
    if (!mayRead(topic)) return errors.TOPIC_AUTHORIZATION_FAILED;
    const found = findPartition(this.#broker, topic, index);
    if (found === errors.UNKNOWN_TOPIC_OR_PARTITION) return found;
    // Apache Kafka has no code of its own for a negative size.
    return Math.min(wish.partitionMaxBytes, this.#bytesMax) < 0 ? errors.UNKNOWN_SERVER_ERROR : errors.NONE;
  }

  #finish(fetch: FetchContext): void {
    this.#state = "finishing";
    this.#context.inSlices(this.#finishing(fetch), (finished) => {
      if (finished === null) this.#refuse();
      else this.#answer(finished);
    });
  }

  /** What is told, with the records that it takes over; null: another request took the session over. */
  *#finishing(fetch: FetchContext): Pieces<FinishedFetch | null> {
    const slices: LogSlice[] = [];
    let session: FetchSession | null = null;
    let isWhole = false;
    try {
      const outcome = yield* fetch.finish([...this.#readable, ...this.#refused]);
      if (this.isSuperseded) return null;
      ({ session } = outcome);
      // From here on until the answer is written its partitions must not be read again.
      if (session !== null) session.pendingPoll = this;
      const { partitions } = outcome;
      for (const partition of partitions) {
        slices.push(partition.takeSlice());
        if (!endsPiece(slices.length)) continue;
        yield;
        if (this.isSuperseded) return null;
      }
      const nodes = yield* this.#nameLeaders(partitions);
      // What was read and is not told is given back.
      if (partitions.length < this.#readable.length) yield* release(this.#readable);
      if (this.isSuperseded) return null;
      const { error, sessionId } = outcome;
      isWhole = true;
      return { reply: fetchReply({ errorCode: error.code, sessionId, partitions, nodes }, slices), session };
    } finally {
      if (!isWhole) this.#giveUp(fetch, slices, session);
    }
  }

  /** The client has gone, or the partitions are somebody else's. */
  #giveUp(fetch: FetchContext, slices: readonly LogSlice[], session: FetchSession | null): void {
    giveBack(slices);
    if (session?.pendingPoll === this) session.pendingPoll = null;
    if (this.isSuperseded) return;
    for (const partition of fetch.partitions) partition.release();
    abandon(fetch);
  }

  #answer({ reply, session }: FinishedFetch): void {
    const leases = reply.slices.filter(({ bytes }) => bytes > 0);
    this.#state = "replied";
    if (reply.partitions.length <= fetchLimits.partitionsWrittenAtOnce) {
      if (session !== null) session.pendingPoll = null;
      this.#reply(reply, leases.length === 0 ? undefined : () => giveBack(leases));
      return;
    }
    this.#context.answersInSlices();
    this.#reply(reply, () => {
      giveBack(leases);
      if (session?.pendingPoll === this) session.pendingPoll = null;
    });
  }

  #refuse(): void {
    const errorCode = errors.INVALID_FETCH_SESSION_EPOCH.code;
    const { sessionId } = this.#request;
    this.#reply(fetchReply({ errorCode, sessionId, partitions: [], nodes: [] }));
  }

  *#nameLeaders(partitions: readonly PartitionFetch[]): Pieces<readonly BrokerNode[]> {
    const { apiVersion, listenerName } = this.#context;
    if (apiVersion < nodesVersion) return [];
    let leaders: NamedLeaders | null = null;
    let items = 0;
    for (const partition of partitions) {
      if (endsPiece(++items)) yield;
      const isMisled =
        partition.error === errors.NOT_LEADER_OR_FOLLOWER || partition.error === errors.FENCED_LEADER_EPOCH;
      if (!isMisled || partition.topic === null) continue;
      leaders ??= new NamedLeaders(this.#broker, listenerName);
      const leader = leaders.name(partition.topic, partition.index);
      partition.leaderId = leader.leaderId;
      partition.leaderEpoch = leader.leaderEpoch;
    }
    // Followers learn addresses from the metadata.
    return leaders === null || this.#isFollower ? [] : [...leaders.nodes];
  }
}

function* release(partitions: readonly PartitionFetch[]): Pieces<void> {
  let items = 0;
  for (const partition of partitions) {
    partition.release();
    if (endsPiece(++items)) yield;
  }
}

function giveBack(leases: readonly LogSlice[]): void {
  for (const lease of leases) lease.release();
}
