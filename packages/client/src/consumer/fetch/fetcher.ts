// Reads ahead for the user: at most one fetch is under way per broker, and a partition is fetched again only
// when all that it brought has been taken, so at most two answers per broker are held (each bounded by
// fetch.max.bytes). Answers are judged when the user polls, because some of them are errors to throw. Not
// here: where positions come from.
//
// While an answer of a broker is not read up, only partitions that are known to have more are fetched there:
// a fetch that waits for new records would hold up the others for fetch.max.wait.ms.
import {
  errors,
  type FetchRequest,
  type FetchResponse,
  findError,
  makeFetchRequest,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import { fetchApi } from "../consumer-apis.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import type { ConsumerRecord } from "../records/consumer-record.ts";
import { ConsumerRecords, type PartitionRecords } from "../records/consumer-records.ts";
import type { PartitionState } from "../subscription/partition-state.ts";
import { FetchAnswer } from "./fetch-answer.ts";
import { FetchSum } from "./fetch-metrics.ts";
import {
  FetchSession,
  fetchTopics,
  forgottenTopics,
  type SessionPartition,
  type SessionRequest,
} from "./fetch-session.ts";

/** Highest version that names topics; used while an id is not known. */
const BY_NAME_VERSION_MAX = 12;
const SESSION_VERSION_MIN = 7;

interface NodeFetches {
  readonly nodeId: number;
  readonly session: FetchSession;
  isUnderWay: boolean;
  /** Monotonic time before which nothing is sent, after a failure. */
  retryAtMs: number;
  failures: number;
}

export class Fetcher {
  readonly #context: ConsumerContext;
  readonly #nodes = new Map<number, NodeFetches>();
  /** In order of arrival; of a partition there is at most one. */
  #answers: FetchAnswer[] = [];
  #isClosed = false;

  constructor(context: ConsumerContext) {
    this.#context = context;
  }

  /** Answers that have arrived and are not yet read up. */
  get hasAnswers(): boolean {
    return this.#answers.length > 0;
  }

  /** Sends a fetch to every broker that leads a partition to read and has none under way; says if any. */
  send(): boolean {
    if (this.#isClosed) return false;
    const nowMs = this.#context.connections.nowMs();
    const buffered = new Set(this.#answers.map(({ state }) => state));
    // What a paused partition has buffered may lie there for long, and holds nobody up.
    const toBeRead = this.#answers.filter(({ state }) => state.isFetchable);
    const bufferedNodes = new Set(toBeRead.map(({ nodeId }) => nodeId));
    const byNode = new Map<number, Map<string, SessionPartition>>();
    const states = new Map<string, PartitionState>();
    for (const state of this.#context.subscription.partitions) {
      if (!state.isFetchable || buffered.has(state) || state.retryAtMs > nowMs) continue;
      const nodeId = this.#nodeOf(state, nowMs);
      if (nodeId === null || !this.#canSend(nodeId, nowMs)) continue;
      if (bufferedNodes.has(nodeId) && !state.isKnownToHaveMore) continue;
      const partitions = byNode.get(nodeId) ?? new Map<string, SessionPartition>();
      byNode.set(nodeId, partitions);
      partitions.set(state.key, this.#sessionPartition(state));
      states.set(state.key, state);
    }
    for (const [nodeId, partitions] of byNode) this.#sendTo(this.#node(nodeId), partitions, states);
    return byNode.size > 0;
  }

  /**
   * Up to `countMax` records of what has arrived, moving positions behind them. Throws what a partition's
   * answer or bytes have to say when there is nothing to give before it. Null when nothing moved.
   */
  collect(countMax: number): ConsumerRecords | null {
    const partitions: PartitionRecords[] = [];
    const kept: FetchAnswer[] = [];
    let left = countMax;
    const answers = this.#answers;
    let index = 0;
    try {
      for (; index < answers.length && left > 0; index++) {
        const answer = answers[index]!;
        const taken = this.#collectFrom(answer, left, partitions);
        left -= taken;
        keep(answer, kept);
      }
    } catch (error) {
      // What cannot be read stays away from the records before it: they are given first.
      if (partitions.length === 0) {
        keep(answers[index]!, kept);
        index += 1;
        throw error;
      }
      kept.push(answers[index]!);
      index += 1;
    } finally {
      this.#answers = [...kept, ...answers.slice(index)];
    }
    return partitions.length === 0 ? null : new ConsumerRecords(partitions);
  }

  /**
   * Tells the brokers to forget the sessions; calls back when they have or the time is over. A broker where
   * a fetch waits is not told: the goodbye would wait behind it, and the session ends by age.
   */
  close(timeoutMs: number, done: () => void): void {
    this.#isClosed = true;
    this.#answers = [];
    const { connections } = this.#context;
    const open = [...this.#nodes.values()].filter(
      ({ nodeId, session, isUnderWay }) =>
        session.isOpen && !isUnderWay && connections.connection(nodeId) !== null,
    );
    let left = open.length;
    if (left === 0) connections.ports.turn.atEnd(done);
    for (const { nodeId, session } of open) {
      const request = session.end();
      const build = (version: number): FetchRequest => this.#request(request, version);
      connections.send(nodeId, fetchApi, build, { timeoutMs, versionMin: SESSION_VERSION_MIN }, () => {
        left -= 1;
        if (left === 0) done();
      });
    }
  }

  #collectFrom(answer: FetchAnswer, countMax: number, into: PartitionRecords[]): number {
    const { state } = answer;
    const isCurrent = this.#context.subscription.has(state) && state.position === answer.nextOffset;
    if (!isCurrent || !state.hasValidPosition) {
      answer.isDone = true;
      return 0;
    }
    if (!state.isFetchable) return 0;
    const records: ConsumerRecord[] = [];
    const { nextOffset: before, bytesTaken: bytesBefore } = answer;
    answer.take(countMax, records);
    const { nextOffset, lastEpoch } = answer;
    answer.sum.add(state.topic, answer.bytesTaken - bytesBefore, records.length);
    if (nextOffset !== before) {
      state.advance(nextOffset, lastEpoch);
      this.#noteAdvance(state);
      const { topic, partition } = state;
      into.push({ topic, partition, records, nextOffset, nextLeaderEpoch: state.positionEpoch });
    }
    if (answer.isDone && answer.hasBytes) this.#context.subscription.moveToEnd(state);
    return records.length;
  }

  #noteAdvance(state: PartitionState): void {
    const { metrics, settings, subscription } = this.#context;
    const end = settings.isReadCommitted ? state.lastStableOffset : state.highWatermark;
    metrics.fetch.advanced(state, end, subscription);
  }

  /** Where the partition is read; null while that is not known. */
  #nodeOf(state: PartitionState, nowMs: number): number | null {
    const { connections } = this.#context;
    const leader = connections.metadata.leader(state.topic, state.partition);
    if (leader === null || leader.node === null) {
      connections.requestUpdate();
      return null;
    }
    const preferred = state.preferredReplica;
    if (
      preferred !== null &&
      preferred.untilMs > nowMs &&
      connections.metadata.node(preferred.nodeId) !== null
    ) {
      return preferred.nodeId;
    }
    state.preferredReplica = null;
    return leader.leaderId;
  }

  #canSend(nodeId: number, nowMs: number): boolean {
    const node = this.#nodes.get(nodeId);
    return node === undefined || (!node.isUnderWay && node.retryAtMs <= nowMs);
  }

  #node(nodeId: number): NodeFetches {
    const known = this.#nodes.get(nodeId);
    if (known !== undefined) return known;
    const node = { nodeId, session: new FetchSession(), isUnderWay: false, retryAtMs: 0, failures: 0 };
    this.#nodes.set(nodeId, node);
    return node;
  }

  #sessionPartition(state: PartitionState): SessionPartition {
    const { metadata } = this.#context.connections;
    const { topic, partition } = state;
    return {
      topic,
      topicId: metadata.topic(topic)?.topicId ?? ZERO_UUID,
      partition,
      fetchOffset: state.position ?? 0,
      currentLeaderEpoch: metadata.leader(topic, partition)?.leaderEpoch ?? -1,
      lastFetchedEpoch: -1,
      partitionMaxBytes: this.#context.settings.partitionFetchBytesMax,
    };
  }

  #sendTo(
    node: NodeFetches,
    partitions: ReadonlyMap<string, SessionPartition>,
    states: ReadonlyMap<string, PartitionState>,
  ): void {
    const session = node.session.next(partitions);
    const hasIds = [...partitions.values()].every(({ topicId }) => topicId !== ZERO_UUID);
    const options = { waits: true, ...(hasIds ? {} : { versionMax: BY_NAME_VERSION_MAX }) };
    node.isUnderWay = true;
    const { connections } = this.#context;
    const build = (version: number): FetchRequest => this.#request(session, version);
    connections.send(node.nodeId, fetchApi, build, options, (result) => {
      node.isUnderWay = false;
      if (this.#isClosed) return;
      if (result.kind === "failed") this.#failed(node, partitions, states);
      else this.#answered(node, result.response, partitions, states);
      this.#context.signal.notify();
    });
  }

  #request(session: SessionRequest, version: number): FetchRequest {
    const { settings } = this.#context;
    const { sessionId, sessionEpoch, toSend, toForget } = session;
    return makeFetchRequest({
      maxWaitMs: settings.fetchMaxWaitMs,
      minBytes: settings.fetchMinBytes,
      maxBytes: settings.fetchMaxBytes,
      isolationLevel: settings.isReadCommitted ? 1 : 0,
      ...(version >= SESSION_VERSION_MIN ? { sessionId, sessionEpoch } : {}),
      topics: fetchTopics(toSend, version),
      forgottenTopicsData: version >= SESSION_VERSION_MIN ? forgottenTopics(toForget, version) : [],
      rackId: version >= 11 ? settings.rackId : "",
    });
  }

  #failed(
    node: NodeFetches,
    partitions: ReadonlyMap<string, SessionPartition>,
    states: ReadonlyMap<string, PartitionState>,
  ): void {
    node.session.failed();
    for (const key of partitions.keys()) {
      const state = states.get(key);
      if (state !== undefined) state.preferredReplica = null;
    }
    this.#backOff(node);
  }

  #backOff(node: NodeFetches): void {
    const { connections, signal } = this.#context;
    const delayMs = connections.retryBackOff.delayMs(node.failures);
    node.failures += 1;
    node.retryAtMs = connections.nowMs() + delayMs;
    signal.notifyAfter(delayMs);
  }

  #answered(
    node: NodeFetches,
    response: FetchResponse,
    partitions: ReadonlyMap<string, SessionPartition>,
    states: ReadonlyMap<string, PartitionState>,
  ): void {
    if (!node.session.answered(response.errorCode, response.sessionId)) {
      const name = findError(response.errorCode)?.name ?? response.errorCode;
      this.#context.logger.info(
        `Node ${node.nodeId} was unable to process the fetch request: ${name}.`,
        "org.apache.kafka.clients.FetchSessionHandler",
      );
      if (response.errorCode === errors.UNKNOWN_TOPIC_ID.code) this.#context.connections.requestUpdate();
      this.#backOff(node);
      return;
    }
    node.failures = 0;
    const names = new Map<Uuid, string>();
    for (const { topic, topicId } of partitions.values()) names.set(topicId, topic);
    const endpoints = new Map(response.nodeEndpoints.map((each) => [each.nodeId, each]));
    const taken: { state: PartitionState; fetchOffset: number; data: FetchResponse.PartitionData }[] = [];
    for (const topicAnswer of response.responses) {
      const topic = topicAnswer.topicId === ZERO_UUID ? topicAnswer.topic : names.get(topicAnswer.topicId);
      if (topic === undefined) continue;
      for (const data of topicAnswer.partitions) {
        const key = `${topic}-${data.partitionIndex}`;
        const asked = partitions.get(key);
        const state = states.get(key);
        if (asked === undefined || state === undefined) continue;
        this.#adoptLeader(topic, data, endpoints);
        taken.push({ state, fetchOffset: asked.fetchOffset, data });
      }
    }
    const sum = new FetchSum(this.#context.metrics.fetch, taken.length);
    for (const { state, fetchOffset, data } of taken) {
      this.#answers.push(new FetchAnswer(this.#context, node.nodeId, sum, state, fetchOffset, data));
    }
  }

  /** KIP-951: the answer itself may name the new leader. */
  #adoptLeader(
    topic: string,
    data: FetchResponse.PartitionData,
    endpoints: ReadonlyMap<number, FetchResponse.NodeEndpoint>,
  ): void {
    const { leaderId, leaderEpoch } = data.currentLeader;
    if (leaderId < 0 || leaderEpoch < 0) return;
    const { metadata } = this.#context.connections;
    const endpoint = endpoints.get(leaderId);
    if (endpoint !== undefined) {
      metadata.addNodes([{ id: leaderId, host: endpoint.host, port: endpoint.port, rack: endpoint.rack }]);
    }
    metadata.updateLeader(topic, data.partitionIndex, leaderId, leaderEpoch);
  }
}

/** An answer that is done is counted and dropped. */
function keep(answer: FetchAnswer, kept: FetchAnswer[]): void {
  if (answer.isDone) answer.sum.partitionDone();
  else kept.push(answer);
}
