// Partitions of a scripted cluster that can be read: Fetch with sessions, ListOffsets, OffsetForLeaderEpoch.
// Each partition is a list of batches in memory; a fetch that finds nothing waits on the world's clock. The
// rules of sessions are checked, so that a client that breaks them fails its test.
import {
  apiKeys,
  type BatchToWrite,
  batchLastOffset,
  batchPartitionLeaderEpoch,
  batchSizeInBytes,
  buildBatch,
  type ErrorSpec,
  errors,
  type FetchRequest,
  type FetchResponse,
  makeFetchResponse,
  makeFetchResponseFetchableTopicResponse,
  makeFetchResponsePartitionData,
  makeListOffsetsResponse,
  makeListOffsetsResponseListOffsetsPartitionResponse,
  makeOffsetForLeaderEpochResponse,
  makeOffsetForLeaderEpochResponseEpochEndOffset,
  setPartitionLeaderEpoch,
} from "@ottla/protocol";
import type { ScriptedCall, ScriptedCluster, ScriptedTopic } from "./scripted-cluster.ts";

/** One partition's log. */
class ScriptedReadLog {
  readonly batches: Uint8Array[] = [];
  startOffset = 0;
  /** Stable end for read_committed; null: the end. */
  lastStableOffset: number | null = null;
  abortedTransactions: { producerId: bigint; firstOffset: bigint }[] = [];

  get endOffset(): number {
    const last = this.batches.at(-1);
    return last === undefined ? this.startOffset : batchLastOffset(last, 0) + 1;
  }

  append(batch: BatchToWrite, leaderEpoch: number, zip?: Parameters<typeof buildBatch>[1]): void {
    const bytes = buildBatch({ baseOffset: this.endOffset, ...batch }, zip);
    setPartitionLeaderEpoch(bytes, 0, leaderEpoch);
    this.batches.push(bytes);
  }

  /** Whole batches from the one that holds `offset` on; at least one. */
  read(offset: number, bytesMax: number): Uint8Array {
    const first = this.batches.findIndex((batch) => batchLastOffset(batch, 0) >= offset);
    if (first < 0) return new Uint8Array(0);
    const taken: Uint8Array[] = [];
    let bytes = 0;
    for (const batch of this.batches.slice(first)) {
      const size = batchSizeInBytes(batch, 0);
      if (taken.length > 0 && bytes + size > bytesMax) break;
      taken.push(batch);
      bytes += size;
    }
    const joined = new Uint8Array(bytes);
    let at = 0;
    for (const batch of taken) {
      joined.set(batch, at);
      at += batch.length;
    }
    return joined;
  }

  truncateTo(offset: number): void {
    while (this.endOffset > offset && this.batches.length > 0) this.batches.pop();
  }
}

const SESSION_VERSION = 7;
/** Of ListOffsets. */
const EPOCH_VERSION = 4;

interface Session {
  epoch: number;
  readonly partitions: Map<string, FetchRequest.FetchPartition>;
}

export class ScriptedReads {
  /** Fetches that arrived: node, session epoch, and "topic-partition@offset" of those it named. */
  readonly fetches: { nodeId: number; sessionEpoch: number; named: string[]; forgotten: string[] }[] = [];
  /** An error instead of an answer. */
  faults: { partition?(topic: string, partition: number): ErrorSpec | null; session?(): ErrorSpec | null } =
    {};
  /** Told with answers to Fetch, in milliseconds. */
  throttleTimeMs = 0;
  /** Tells the present leader with NOT_LEADER_OR_FOLLOWER (KIP-951). */
  tellsLeaders = false;
  readonly #cluster: ScriptedCluster;
  readonly #logs = new Map<string, ScriptedReadLog>();
  readonly #sessions = new Map<number, Session>();
  #nextSessionId = 1;

  constructor(cluster: ScriptedCluster) {
    this.#cluster = cluster;
    cluster.on(apiKeys.Fetch, (call) => this.#fetch(call));
    cluster.on(apiKeys.ListOffsets, ({ nodeId, version, request }) =>
      makeListOffsetsResponse({
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex, timestamp }) =>
            this.#offset(nodeId, version, { topic: name, partitionIndex, timestamp: Number(timestamp) }),
          ),
        })),
      }),
    );
    cluster.on(apiKeys.OffsetForLeaderEpoch, ({ request }) =>
      makeOffsetForLeaderEpochResponse({
        topics: request.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition, leaderEpoch }) =>
            this.#epochEnd(topic, partition, leaderEpoch),
          ),
        })),
      }),
    );
  }

  log(topic: string, partition: number): ScriptedReadLog {
    const key = `${topic}-${partition}`;
    const known = this.#logs.get(key) ?? new ScriptedReadLog();
    this.#logs.set(key, known);
    return known;
  }

  /** Appends texts as one batch. */
  append(topic: string, partition: number, values: readonly string[]): void {
    const epoch = this.#cluster.topics.get(topic)?.partitions[partition]?.leaderEpoch ?? 0;
    const encoder = new TextEncoder();
    const records = values.map((value) => ({ timestamp: 1, key: null, value: encoder.encode(value) }));
    this.log(topic, partition).append({ records }, epoch);
  }

  /** Sessions are forgotten, as by eviction. */
  evictSessions(): void {
    this.#sessions.clear();
  }

  #named(request: FetchRequest, version: number): Map<string, FetchRequest.FetchPartition> {
    const named = new Map<string, FetchRequest.FetchPartition>();
    for (const topic of request.topics) {
      const name = version < 13 ? topic.topic : this.#nameOf(topic.topicId);
      for (const partition of topic.partitions) named.set(`${name}-${partition.partition}`, partition);
    }
    return named;
  }

  #nameOf(topicId: ScriptedTopic["topicId"]): string {
    return [...this.#cluster.topics].find(([, topic]) => topic.topicId === topicId)?.[0] ?? "?";
  }

  #fetch(call: ScriptedCall<typeof apiKeys.Fetch>): FetchResponse | "later" {
    const { nodeId, request, version } = call;
    const named = this.#named(request, version);
    const forgotten = request.forgottenTopicsData.flatMap((topic) =>
      topic.partitions.map((each) => `${version < 13 ? topic.topic : this.#nameOf(topic.topicId)}-${each}`),
    );
    const names = [...named].map(([key, { fetchOffset }]) => `${key}@${fetchOffset}`);
    this.fetches.push({ nodeId, sessionEpoch: request.sessionEpoch, named: names, forgotten });
    const fault = this.faults.session?.() ?? null;
    if (fault !== null) return makeFetchResponse({ errorCode: fault.code });
    if (version < SESSION_VERSION) {
      const session = { epoch: 0, partitions: new Map(named) };
      return this.#answer(nodeId, version, request, 0, session, true);
    }
    if (request.sessionEpoch === -1) {
      this.#sessions.delete(request.sessionId);
      return makeFetchResponse();
    }
    const found = this.#session(request, named, forgotten);
    if ("code" in found) return makeFetchResponse({ errorCode: found.code });
    const { id, session } = found;
    const isFull = request.sessionEpoch === 0;
    const answer = this.#answer(nodeId, version, request, id, session, isFull);
    if (answer.responses.length > 0 || isFull) return answer;
    const node = this.#cluster.client;
    node.ports.timers.set(request.maxWaitMs, () => {
      call.answer(this.#answer(nodeId, version, request, id, session, false));
    });
    return "later";
  }

  #session(
    request: FetchRequest,
    named: ReadonlyMap<string, FetchRequest.FetchPartition>,
    forgotten: readonly string[],
  ): { id: number; session: Session } | ErrorSpec {
    if (request.sessionEpoch === 0) {
      this.#sessions.delete(request.sessionId);
      const id = this.#nextSessionId++;
      const session = { epoch: 0, partitions: new Map(named) };
      this.#sessions.set(id, session);
      return { id, session };
    }
    const session = this.#sessions.get(request.sessionId);
    if (session === undefined) return errors.FETCH_SESSION_ID_NOT_FOUND;
    if (request.sessionEpoch !== session.epoch + 1) return errors.INVALID_FETCH_SESSION_EPOCH;
    session.epoch += 1;
    for (const key of forgotten) {
      if (!session.partitions.delete(key)) throw new Error(`${key} is forgotten and was not known`);
    }
    for (const [key, partition] of named) session.partitions.set(key, partition);
    return { id: request.sessionId, session };
  }

  #answer(
    nodeId: number,
    version: number,
    request: FetchRequest,
    sessionId: number,
    session: Session,
    isFull: boolean,
  ): FetchResponse {
    const responses: FetchResponse.FetchableTopicResponse[] = [];
    let bytesLeft = request.maxBytes;
    for (const [key, asked] of session.partitions) {
      const name = key.slice(0, key.lastIndexOf("-"));
      const topic = this.#cluster.topics.get(name);
      if (topic === undefined) continue;
      const data = this.#partition(nodeId, name, asked, Math.min(bytesLeft, asked.partitionMaxBytes));
      const bytes = data.records?.length ?? 0;
      bytesLeft = Math.max(0, bytesLeft - bytes);
      if (!isFull && bytes === 0 && data.errorCode === 0) continue;
      responses.push(
        makeFetchResponseFetchableTopicResponse({
          ...(version < 13 ? { topic: name } : { topicId: topic.topicId }),
          partitions: [data],
        }),
      );
    }
    return makeFetchResponse({ sessionId, responses, throttleTimeMs: this.throttleTimeMs });
  }

  #partition(
    nodeId: number,
    topic: string,
    asked: FetchRequest.FetchPartition,
    bytesMax: number,
  ): FetchResponse.PartitionData {
    const partitionIndex = asked.partition;
    const leader = this.#cluster.topics.get(topic)?.partitions[partitionIndex];
    const refused = (spec: ErrorSpec): FetchResponse.PartitionData =>
      makeFetchResponsePartitionData({
        partitionIndex,
        errorCode: spec.code,
        ...(this.tellsLeaders && leader !== undefined
          ? { currentLeader: { leaderId: leader.leaderId, leaderEpoch: leader.leaderEpoch } }
          : {}),
      });
    const fault = this.faults.partition?.(topic, partitionIndex) ?? null;
    if (fault !== null) return refused(fault);
    if (leader?.leaderId !== nodeId) return refused(errors.NOT_LEADER_OR_FOLLOWER);
    if (asked.currentLeaderEpoch >= 0 && asked.currentLeaderEpoch < leader.leaderEpoch) {
      return refused(errors.FENCED_LEADER_EPOCH);
    }
    const log = this.log(topic, partitionIndex);
    const offset = Number(asked.fetchOffset);
    if (offset < log.startOffset || offset > log.endOffset) return refused(errors.OFFSET_OUT_OF_RANGE);
    return makeFetchResponsePartitionData({
      partitionIndex,
      highWatermark: BigInt(log.endOffset),
      lastStableOffset: BigInt(log.lastStableOffset ?? log.endOffset),
      logStartOffset: BigInt(log.startOffset),
      abortedTransactions: log.abortedTransactions,
      records: log.read(offset, bytesMax),
    });
  }

  #offset(
    nodeId: number,
    version: number,
    asked: { readonly topic: string; readonly partitionIndex: number; readonly timestamp: number },
  ) {
    const { topic, partitionIndex, timestamp } = asked;
    const leader = this.#cluster.topics.get(topic)?.partitions[partitionIndex];
    const make = makeListOffsetsResponseListOffsetsPartitionResponse;
    if (leader?.leaderId !== nodeId) {
      return make({ partitionIndex, errorCode: errors.NOT_LEADER_OR_FOLLOWER.code });
    }
    const log = this.log(topic, partitionIndex);
    const offset = BigInt(timestamp === -2 ? log.startOffset : log.endOffset);
    const { leaderEpoch } = leader;
    return make({ partitionIndex, offset, ...(version >= EPOCH_VERSION ? { leaderEpoch } : {}) });
  }

  #epochEnd(topic: string, partition: number, leaderEpoch: number) {
    let endOffset = -1;
    let epoch = -1;
    for (const batch of this.log(topic, partition).batches) {
      const batchEpoch = batchPartitionLeaderEpoch(batch, 0);
      if (batchEpoch > leaderEpoch) break;
      epoch = batchEpoch;
      endOffset = batchLastOffset(batch, 0) + 1;
    }
    return makeOffsetForLeaderEpochResponseEpochEndOffset({
      partition,
      leaderEpoch: epoch,
      endOffset: BigInt(endOffset),
    });
  }
}
