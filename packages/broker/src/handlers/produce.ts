// Produce (key 0), versions 3 to 13.
// - Appends one record batch per partition and answers per partition; a bad partition does not hold up the
// others.
// - acks=1 waits for the write of this turn, acks=all for the high watermark, at most `timeoutMs` (then
// REQUEST_TIMED_OUT, the records
//   stay); acks=0 is never answered, and any error closes the connection, as Apache Kafka does. Other acks:
//   INVALID_REQUIRED_ACKS.
// - Very many partitions are appended in slices of the loop, and what each slice appended is written with it.
// - The next Produce of the connection may start once this one stands in the log, before its ack.
// - Records are checked by package log; internal topics are for the broker and `__admin_client` alone.
// v3 transactional id · v5 log start offset · v7 zstd · v8 record errors and message · v9 flexible · v10
// current leader (KIP-951) v12 transactions without AddPartitionsToTxn (KIP-890) · v13 topic ids
// Gaps: no transactions yet, so a transactional batch is INVALID_PRODUCER_ID_MAPPING, as of an id no
// coordinator knows; no quotas.
import type { AppendOutcome } from "@ottla/log";
import type { Pieces } from "@ottla/ports";
import {
  batchCompression,
  batchIsTransactional,
  COMPRESSION_ZSTD,
  type ErrorSpec,
  errors,
  isInternalTopic,
  makeProduceResponse,
  makeProduceResponseLeaderIdAndEpoch,
  makeProduceResponseNodeEndpoint,
  makeProduceResponsePartitionProduceResponse,
  makeProduceResponseTopicProduceResponse,
  type Offset,
  type ProduceRequest,
  type ProduceResponse,
  produceRecordsProblem,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Handler, Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { produceLimits, waitingLimits } from "../limits.ts";
import { findPartition } from "../partition/find-partition.ts";
import type { Partition } from "../partition/partition.ts";
import { type RequestedAck, WaitingProduce } from "../waiting/waiting-produce.ts";
import { NamedLeaders } from "./current-leader.ts";
import { withoutRepeats, withoutRepeatsInPieces } from "./produce-repeats.ts";

const zstdVersion = 7;
const topicIdVersion = 13;
const currentLeaderVersion = 10;
const acksAll = -1;
const adminClientId = "__admin_client";

type PartitionAnswer = ProduceResponse.PartitionProduceResponse;

export const handleProduce: Handler<ProduceRequest, ProduceResponse> = (broker, context, request, reply) => {
  if (hasTransactionalRecords(request) && !isAllowedTransactionalId(context, request.transactionalId)) {
    new ProduceRun(broker, context, request, reply).refuseAll(errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    return;
  }
  new ProduceRun(broker, context, request, reply).start();
};

/** What every partition is answered when the whole request fails. */
export function produceErrorReply(
  request: ProduceRequest,
  error: ErrorSpec,
  message: string | null,
): ProduceResponse {
  const responses = request.topicData.map((topic) =>
    makeProduceResponseTopicProduceResponse({
      name: topic.name,
      topicId: topic.topicId,
      partitionResponses: topic.partitionData.map((partition) => {
        const answer = newAnswer(partition.index, error);
        answer.errorMessage = message;
        return answer;
      }),
    }),
  );
  return makeProduceResponse({ responses });
}

/** One Produce from its partitions to its answer. */
class ProduceRun {
  readonly #broker: BrokerServices;
  readonly #context: RequestContext;
  readonly #request: ProduceRequest;
  readonly #reply: Reply<ProduceResponse>;
  readonly #response: ProduceResponse = makeProduceResponse();
  readonly #allowed = new Map<string, boolean>();
  readonly #acks: RequestedAck[] = [];
  /** Kept from the first NOT_LEADER_OR_FOLLOWER on, by answer: which partition it is of. */
  readonly #topicNames = new Map<ProduceResponse.TopicProduceResponse, string>();
  #appendsLeft = 1;

  constructor(
    broker: BrokerServices,
    context: RequestContext,
    request: ProduceRequest,
    reply: Reply<ProduceResponse>,
  ) {
    this.#broker = broker;
    this.#context = context;
    this.#request = request;
    this.#reply = reply;
  }

  start(): void {
    const { topicData } = this.#request;
    if (partitionCount(topicData) > produceLimits.partitionsAppendedAtOnce) {
      // The records are looked at in later turns too.
      if (!this.#context.keepFrame()) copyRecords(topicData);
      this.#context.inSlices(this.#appending(), () => this.#appendEnded());
      return;
    }
    for (const topic of withoutRepeats(topicData)) {
      if (topic.partitionData.length === 0) continue;
      const { answers, name } = this.#beginTopic(topic);
      for (const partition of topic.partitionData) this.#produce(name, topic.topicId, partition, answers);
    }
    this.#appendEnded();
  }

  *#appending(): Pieces<void> {
    let items = 0;
    for (const topic of yield* withoutRepeatsInPieces(this.#request.topicData)) {
      if (topic.partitionData.length === 0) continue;
      const { answers, name } = this.#beginTopic(topic);
      for (const partition of topic.partitionData) {
        this.#produce(name, topic.topicId, partition, answers);
        if (++items % produceLimits.partitionsPerPiece === 0) yield;
      }
    }
  }

  #beginTopic(topic: ProduceRequest.TopicProduceData): {
    readonly answers: ProduceResponse.TopicProduceResponse;
    readonly name: string | null;
  } {
    const answers = makeProduceResponseTopicProduceResponse({ name: topic.name, topicId: topic.topicId });
    this.#response.responses.push(answers);
    const name = this.#topicName(topic);
    if (name !== null) this.#topicNames.set(answers, name);
    return { answers, name };
  }

  /** Nothing is appended. */
  refuseAll(error: ErrorSpec): void {
    this.#response.responses = produceErrorReply(this.#request, error, null).responses;
    this.#finish();
  }

  /** Null: an id that nobody knows. */
  #topicName(topic: ProduceRequest.TopicProduceData): string | null {
    if (this.#context.apiVersion < topicIdVersion) return topic.name;
    return this.#broker.metadata.image.topics.byId(topic.topicId)?.name ?? null;
  }

  /** `topic` null: an id that nobody knows. */
  #produce(
    topic: string | null,
    topicId: Uuid,
    from: ProduceRequest.PartitionProduceData,
    answers: ProduceResponse.TopicProduceResponse,
  ): void {
    const answer = newAnswer(from.index, errors.NONE);
    answers.partitionResponses.push(answer);
    if (topic === null) {
      answer.errorCode = errors.UNKNOWN_TOPIC_ID.code;
      return;
    }
    const found = this.#partitionFor(topic, topicId, from, answer);
    if ("code" in found) {
      answer.errorCode = found.code;
      return;
    }
    const { leaderEpoch } = found;
    this.#appendsLeft += 1;
    found.appendAsLeader(
      from.records as Uint8Array,
      { origin: "client", requiredAcks: this.#request.acks },
      (outcome) => {
        this.#appended(found, leaderEpoch, outcome, answer);
        this.#appendEnded();
      },
    );
  }

  // In Apache Kafka's order, as a request may be wrong in several ways.
  #partitionFor(
    topic: string,
    topicId: Uuid,
    from: ProduceRequest.PartitionProduceData,
    answer: PartitionAnswer,
  ): Partition | ErrorSpec {
    if (!this.#isAllowed(topic)) return errors.TOPIC_AUTHORIZATION_FAILED;
    const found = findPartition(this.#broker, topic, from.index);
    if (found === errors.UNKNOWN_TOPIC_OR_PARTITION) return found;
    const problem = produceRecordsProblem(from.records, this.#context.apiVersion);
    if (problem !== null) {
      // Apache Kafka explains damage alone.
      if (problem.error === "CORRUPT_MESSAGE") answer.errorMessage = problem.message;
      return errors[problem.error];
    }
    if (from.records !== null && this.#isUnknownCodec(from.records)) return errors.UNKNOWN_SERVER_ERROR;
    const { acks } = this.#request;
    if (acks !== 0 && acks !== 1 && acks !== acksAll) return errors.INVALID_REQUIRED_ACKS;
    if (isInternalTopic(topic) && this.#context.clientId !== adminClientId)
      return errors.INVALID_TOPIC_EXCEPTION;
    if (from.records !== null && batchIsTransactional(from.records, 0))
      return errors.INVALID_PRODUCER_ID_MAPPING;
    if (!("code" in found) && topicId !== ZERO_UUID && found.topicId !== topicId)
      return errors.UNKNOWN_TOPIC_ID;
    return found;
  }

  /**
   * While codecs depended on the version, one that is none was noticed before the log; later the log does.
   */
  #isUnknownCodec(records: Uint8Array): boolean {
    return this.#context.apiVersion < zstdVersion && batchCompression(records, 0) > COMPRESSION_ZSTD;
  }

  #isAllowed(topic: string): boolean {
    let isAllowed = this.#allowed.get(topic);
    if (isAllowed === undefined) {
      isAllowed = this.#context.isAllowed("WRITE", "TOPIC", topic);
      this.#allowed.set(topic, isAllowed);
    }
    return isAllowed;
  }

  #appended(
    partition: Partition,
    leaderEpoch: number,
    outcome: AppendOutcome,
    answer: PartitionAnswer,
  ): void {
    if (outcome.kind === "refused") {
      refuseAnswer(answer, partition, outcome);
      return;
    }
    answer.baseOffset = BigInt(outcome.firstOffset);
    answer.logAppendTimeMs = BigInt(outcome.logAppendTimeMs);
    answer.logStartOffset = BigInt(outcome.logStartOffset);
    if (this.#request.acks === 0) return;
    const requiredOffset = (outcome.lastOffset + 1) as Offset;
    const { logFailures } = partition;
    this.#acks.push({ partition, leaderEpoch, logFailures, requiredOffset, target: answer });
  }

  #appendEnded(): void {
    this.#appendsLeft -= 1;
    if (this.#appendsLeft > 0) return;
    this.#context.appended();
    if (this.#acks.length === 0) {
      this.#finish();
      return;
    }
    const { acks } = this.#request;
    const waiting = new WaitingProduce(() => this.#finish());
    const start = (): void => {
      // What waits for this turn's write alone needs neither a timeout nor news of the connection's end.
      if (acks === acksAll) this.#context.whenGone(() => waiting.cancel());
      waiting.start(acks === acksAll ? this.#timeoutMs() : null, this.#broker.waiting);
    };
    if (this.#acks.length > produceLimits.partitionsAppendedAtOnce) {
      const pieces = waiting.awaitInPieces(this.#acks, acks);
      this.#context.inSlices(pieces, start);
      return;
    }
    for (const ack of this.#acks) waiting.await(ack, acks);
    start();
  }

  #timeoutMs(): number {
    const { timeoutMs } = this.#request;
    const isAlone = this.#acks.every(({ partition }) => partition.replicas.isAlone);
    return isAlone ? Math.max(timeoutMs, waitingLimits.ackWaitMsMin) : timeoutMs;
  }

  #finish(): void {
    if (this.#request.acks === 0) {
      if (this.#hasError()) this.#context.closeConnection("a Produce with acks=0 failed");
      this.#reply(null);
      return;
    }
    if (this.#context.apiVersion >= currentLeaderVersion) this.#nameLeaders();
    this.#reply(this.#response);
  }

  #hasError(): boolean {
    return this.#response.responses.some((topic) =>
      topic.partitionResponses.some(({ errorCode }) => errorCode !== errors.NONE.code),
    );
  }

  #nameLeaders(): void {
    let leaders: NamedLeaders | null = null;
    for (const topic of this.#response.responses) {
      const name = this.#topicNames.get(topic);
      if (name === undefined) continue;
      for (const partition of topic.partitionResponses) {
        if (partition.errorCode !== errors.NOT_LEADER_OR_FOLLOWER.code) continue;
        leaders ??= new NamedLeaders(this.#broker, this.#context.listenerName);
        partition.currentLeader = makeProduceResponseLeaderIdAndEpoch(leaders.name(name, partition.index));
      }
    }
    if (leaders === null) return;
    for (const { nodeId, host, port, rack } of leaders.nodes) {
      this.#response.nodeEndpoints.push(makeProduceResponseNodeEndpoint({ nodeId, host, port, rack }));
    }
  }
}

// These say nothing of the log: Apache Kafka answers them without a log start offset.
const withoutLogStart: ReadonlySet<ErrorSpec> = new Set([
  errors.UNKNOWN_TOPIC_OR_PARTITION,
  errors.NOT_LEADER_OR_FOLLOWER,
  errors.MESSAGE_TOO_LARGE,
  errors.RECORD_LIST_TOO_LARGE,
  errors.CORRUPT_MESSAGE,
  errors.KAFKA_STORAGE_ERROR,
  errors.UNKNOWN_TOPIC_ID,
]);

function refuseAnswer(
  answer: PartitionAnswer,
  partition: Partition,
  refused: Extract<AppendOutcome, { kind: "refused" }>,
): void {
  answer.errorCode = refused.error.code;
  if (!withoutLogStart.has(refused.error)) answer.logStartOffset = BigInt(partition.logStartOffset);
  if (refused.recordErrors.length === 0) return;
  answer.errorMessage = refused.message;
  answer.recordErrors = refused.recordErrors.map(({ batchIndex, message }) => ({
    batchIndex,
    batchIndexErrorMessage: message,
  }));
}

function newAnswer(index: number, error: ErrorSpec): PartitionAnswer {
  return makeProduceResponsePartitionProduceResponse({ index, errorCode: error.code, baseOffset: -1n });
}

function hasTransactionalRecords(request: ProduceRequest): boolean {
  return request.topicData.some((topic) =>
    topic.partitionData.some(
      ({ records }) => records !== null && records.length > 22 && batchIsTransactional(records, 0),
    ),
  );
}

function isAllowedTransactionalId(context: RequestContext, transactionalId: string | null): boolean {
  return transactionalId !== null && context.isAllowed("WRITE", "TRANSACTIONAL_ID", transactionalId);
}

function partitionCount(topics: ProduceRequest["topicData"]): number {
  let count = 0;
  for (const { partitionData } of topics) count += partitionData.length;
  return count;
}

/** For a frame that is gone after the call: it fits the receive buffer, so that this is little. */
function copyRecords(topics: ProduceRequest["topicData"]): void {
  for (const { partitionData } of topics) {
    for (const partition of partitionData) partition.records = partition.records?.slice() ?? null;
  }
}
