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
import { type ErrorSpec, errors, type FetchRequest } from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { BrokerNode } from "../cluster-view/nodes.ts";
import type { Handler, Reply } from "../dispatch/handler.ts";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";
import { abandon, type FetchContext, openFetchContext } from "../fetch-session/fetch-context.ts";
import { findPartition } from "../partition/find-partition.ts";
import type { PartitionFetch } from "../partition/partition-fetch.ts";
import { type PollOptions, WaitingFetch } from "../waiting/waiting-fetch.ts";
import { NamedLeaders } from "./current-leader.ts";
import type { FetchReply } from "./fetch-reply.ts";
import { checkIsolationLevel } from "./isolation-level.ts";

const replicaStateVersion = 15;
const nodesVersion = 16;
/** From here on consumers may read from followers (KIP-392). */
const anyReplicaVersion = 11;
const readCommitted = 1;

export const handleFetch: Handler<FetchRequest, FetchReply> = (broker, context, request, reply) => {
  checkIsolationLevel(request.isolationLevel);
  const { apiVersion } = context;
  const replicaId = apiVersion >= replicaStateVersion ? request.replicaState.replicaId : request.replicaId;
  const fetch = openFetchContext(
    broker.fetchSessions,
    request,
    apiVersion,
    (topicId) => broker.metadata.image.topics.byId(topicId)?.name ?? null,
    replicaId >= 0,
  );
  new FetchRun(broker, context, { request, replicaId, fetch }, reply).start();
};

/** A request and who makes it, with its session. */
interface AskedFetch {
  readonly request: FetchRequest;
  /** -1 for a consumer. */
  readonly replicaId: number;
  readonly fetch: FetchContext;
}

/** One Fetch from its session to its answer. */
class FetchRun {
  readonly #broker: BrokerServices;
  readonly #context: RequestContext;
  readonly #fetch: FetchContext;
  readonly #reply: Reply<FetchReply>;
  readonly #readable: PartitionFetch[] = [];
  readonly #refused: PartitionFetch[] = [];
  readonly #request: FetchRequest;
  readonly #replicaId: number;
  /** Bytes of records in the whole answer. */
  readonly #bytesMax: number;

  constructor(
    broker: BrokerServices,
    context: RequestContext,
    { request, replicaId, fetch }: AskedFetch,
    reply: Reply<FetchReply>,
  ) {
    this.#broker = broker;
    this.#context = context;
    this.#request = request;
    this.#replicaId = replicaId;
    this.#bytesMax = Math.min(request.maxBytes, broker.config.fetchMaxBytes);
    this.#fetch = fetch;
    this.#reply = reply;
  }

  get #isFollower(): boolean {
    return this.#replicaId >= 0;
  }

  start(): void {
    const isFollower = this.#isFollower;
    this.#sort(isFollower);
    if (this.#readable.length === 0) {
      this.#finish();
      return;
    }
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
      this.#finish();
    });
    poll.start();
    if (isAnswered) return;
    this.#context.whenGone(() => {
      poll.cancel();
      abandon(this.#fetch);
    });
    const { session } = this.#fetch;
    if (session !== null) session.pendingPoll = { supersede: () => this.#supersede(poll, session.id) };
  }

  #pollServices(): ConstructorParameters<typeof WaitingFetch>[2] {
    const broker = this.#broker;
    return { waiting: broker.waiting, find: (topic, index) => findPartition(broker, topic, index) };
  }

  /** Parts what may be read from what is refused unread. */
  #sort(isFollower: boolean): void {
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
    for (const partition of this.#fetch.partitions) {
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

  #finish(): void {
    const outcome = this.#fetch.finish([...this.#readable, ...this.#refused]);
    const nodes = this.#nameLeaders(outcome.partitions);
    const leases = outcome.partitions.filter(({ slice }) => slice.bytes > 0).map(({ slice }) => slice);
    this.#reply(
      {
        throttleTimeMs: 0,
        errorCode: outcome.error.code,
        sessionId: outcome.sessionId,
        partitions: outcome.partitions,
        nodes,
      },
      leases.length === 0
        ? undefined
        : () => {
            for (const slice of leases) slice.release();
          },
    );
    // The reply has them now; what was read but is not told is given back.
    for (const partition of outcome.partitions) partition.takeSlice();
    for (const partition of this.#readable) partition.release();
  }

  #supersede(poll: WaitingFetch, sessionId: number): void {
    poll.cancel();
    const errorCode = errors.INVALID_FETCH_SESSION_EPOCH.code;
    this.#reply({ throttleTimeMs: 0, errorCode, sessionId, partitions: [], nodes: [] });
  }

  #nameLeaders(partitions: readonly PartitionFetch[]): readonly BrokerNode[] {
    const { apiVersion, listenerName } = this.#context;
    if (apiVersion < nodesVersion) return [];
    let leaders: NamedLeaders | null = null;
    for (const partition of partitions) {
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
