// ListOffsets (key 2), versions 1 to 11.
// - -1 latest: the end a reader of this kind may see (high watermark, last stable offset; followers and
// debuggers: log end)
//   -2 earliest: log start · -3 record of the largest timestamp · -4 earliest local: log start, as nothing is
//   tiered
//   -5 latest tiered and -6 earliest pending upload: -1, as nothing is tiered
//   ≥ 0: first record at or after that time, if the reader may see it. No such record: offset, timestamp and
//   epoch -1, no error.
// - A partition named twice: INVALID_REQUEST, once; a topic with nothing to tell is left out. A leader whose
// high watermark has not reached its own epoch yet does not know the answer:
//   OFFSET_NOT_AVAILABLE (KIP-207).
// v2 isolation level · v4 leader epoch (KIP-320) · v5 OFFSET_NOT_AVAILABLE, LEADER_NOT_AVAILABLE before · v6
// flexible · v7 -3 (KIP-734) v8 -4 (KIP-405) · v9 -5 (KIP-1005) · v10 timeout · v11 -6 (KIP-1023)
// Gaps: no tiered storage, hence the timeout has no use.
import type { PartitionLog } from "@ottla/log";
import { endsPiece, type Pieces } from "@ottla/ports";
import {
  type ErrorSpec,
  errors,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  makeListOffsetsResponse,
  makeListOffsetsResponseListOffsetsPartitionResponse,
  makeListOffsetsResponseListOffsetsTopicResponse,
  toSafeNumber,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import { allowedInPieces } from "../dispatch/allowed-in-pieces.ts";
import type { Handler, Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { findPartition } from "../partition/find-partition.ts";
import type { Partition } from "../partition/partition.ts";
import { checkIsolationLevel } from "./isolation-level.ts";

const latest = -1;
const earliest = -2;
const maxTimestamp = -3;
const earliestLocal = -4;
const latestTiered = -5;
const earliestPendingUpload = -6;

/** The first version that knows each special timestamp. */
const versionOf: ReadonlyMap<number, number> = new Map([
  [latest, 1],
  [earliest, 1],
  [maxTimestamp, 7],
  [earliestLocal, 8],
  [latestTiered, 9],
  [earliestPendingUpload, 11],
]);

const consumerId = -1;
const debuggerId = -2;
const readCommitted = 1;
const leaderEpochVersion = 4;
const offsetNotAvailableVersion = 5;

type PartitionAnswer = ListOffsetsResponse.ListOffsetsPartitionResponse;
type AskedPartition = ListOffsetsRequest.ListOffsetsPartition;

export const handleListOffsets: Handler<ListOffsetsRequest, ListOffsetsResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  checkIsolationLevel(request.isolationLevel);
  const run = new ListOffsetsRun(broker, context, request, reply);
  context.inSlices(run.lookUpAll(), () => run.asked());
};

/** What every partition is answered when the whole request fails. */
export function listOffsetsErrorReply(request: ListOffsetsRequest, error: ErrorSpec): ListOffsetsResponse {
  return makeListOffsetsResponse({
    topics: request.topics.map((topic) =>
      makeListOffsetsResponseListOffsetsTopicResponse({
        name: topic.name,
        partitions: topic.partitions.map(({ partitionIndex }) => {
          const answer = newAnswer(partitionIndex);
          answer.errorCode = error.code;
          return answer;
        }),
      }),
    ),
  });
}

/** One request from its partitions to its answer. */
class ListOffsetsRun {
  readonly #broker: BrokerServices;
  readonly #context: RequestContext;
  readonly #request: ListOffsetsRequest;
  readonly #reply: Reply<ListOffsetsResponse>;
  readonly #response: ListOffsetsResponse = makeListOffsetsResponse();
  /** One more than the look-ups, so that those done at once do not end it before all were asked for. */
  #left = 1;

  constructor(
    broker: BrokerServices,
    context: RequestContext,
    request: ListOffsetsRequest,
    reply: Reply<ListOffsetsResponse>,
  ) {
    this.#broker = broker;
    this.#context = context;
    this.#request = request;
    this.#reply = reply;
  }

  *lookUpAll(): Pieces<void> {
    const { topics } = this.#request;
    const allowed = yield* allowedInPieces(this.#context, "DESCRIBE", "TOPIC", namesOf(topics));
    const repeated = yield* namedTwice(this.#request);
    const answered = new Set<string>();
    // Refused topics come last, as in Apache Kafka.
    for (const isAllowed of [true, false]) {
      if (!isAllowed && allowed.size === topics.length) continue;
      for (const topic of topics) {
        if (allowed.has(topic.name) !== isAllowed) continue;
        yield* this.#lookUpTopic(topic, { isAllowed, repeated, answered });
      }
    }
  }

  /** All were asked for. */
  asked(): void {
    this.#done();
  }

  *#lookUpTopic(
    topic: ListOffsetsRequest.ListOffsetsTopic,
    seen: {
      readonly isAllowed: boolean;
      readonly repeated: ReadonlySet<string>;
      readonly answered: Set<string>;
    },
  ): Pieces<void> {
    const answers = makeListOffsetsResponseListOffsetsTopicResponse({ name: topic.name });
    let items = 0;
    for (const asked of topic.partitions) {
      if (endsPiece(++items)) yield;
      const key = `${topic.name}:${asked.partitionIndex}`;
      if (seen.answered.has(key)) continue;
      seen.answered.add(key);
      const answer = newAnswer(asked.partitionIndex);
      answers.partitions.push(answer);
      if (!seen.isAllowed) answer.errorCode = errors.TOPIC_AUTHORIZATION_FAILED.code;
      else if (seen.repeated.has(key)) answer.errorCode = errors.INVALID_REQUEST.code;
      else {
        this.#left += 1;
        const done = (): void => this.#done();
        new OffsetLookUp(this.#broker, this.#context, this.#request, answer, done).start(topic.name, asked);
      }
    }
    if (answers.partitions.length > 0) this.#response.topics.push(answers);
    if (endsPiece(this.#response.topics.length)) yield;
  }

  #done(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#reply(this.#response);
  }
}

/** One partition's question. */
class OffsetLookUp {
  readonly #broker: BrokerServices;
  readonly #version: number;
  readonly #request: ListOffsetsRequest;
  readonly #answer: PartitionAnswer;
  readonly #done: () => void;

  constructor(
    broker: BrokerServices,
    context: RequestContext,
    request: ListOffsetsRequest,
    answer: PartitionAnswer,
    done: () => void,
  ) {
    this.#broker = broker;
    this.#version = context.apiVersion;
    this.#request = request;
    this.#answer = answer;
    this.#done = done;
  }

  start(topic: string, asked: AskedPartition): void {
    // No record is as late as a time beyond exact numbers.
    const timestamp =
      toSafeNumber(asked.timestamp) ?? (asked.timestamp < 0n ? Number.MIN_SAFE_INTEGER : null);
    if (
      timestamp !== null &&
      timestamp < 0 &&
      this.#version < (versionOf.get(timestamp) ?? Number.POSITIVE_INFINITY)
    ) {
      this.#fail(errors.UNSUPPORTED_VERSION);
      return;
    }
    const partition = findPartition(this.#broker, topic, asked.partitionIndex);
    if ("code" in partition) {
      this.#fail(partition);
      return;
    }
    const accessError = partition.checkAccess(
      asked.currentLeaderEpoch,
      this.#request.replicaId !== debuggerId,
    );
    if (accessError !== errors.NONE || partition.log === null) this.#fail(accessError);
    else if (timestamp === null) this.#done();
    else this.#lookUp(partition, partition.log, timestamp);
  }

  #lookUp(partition: Partition, log: PartitionLog, timestamp: number): void {
    switch (timestamp) {
      case latest:
        if (this.#isUnknownYet(partition, log)) this.#failUnknownYet();
        else this.#found(this.#fetchableEnd(log), -1, partition.leaderEpoch);
        return;
      case earliest:
      case earliestLocal:
        this.#found(log.logStartOffset, -1, log.epochForOffset(log.logStartOffset));
        return;
      case latestTiered:
      case earliestPendingUpload:
        this.#done();
        return;
      default:
        this.#lookUpByTime(partition, log, timestamp);
    }
  }

  #lookUpByTime(partition: Partition, log: PartitionLog, timestamp: number): void {
    const isUnknownYet = this.#isUnknownYet(partition, log);
    const end = this.#fetchableEnd(log);
    const found: Parameters<PartitionLog["maxTimestampOffset"]>[0] = (result) => {
      if (result.kind === "failed") this.#fail(result.error);
      else if (result.found.offset < end) {
        const { offset, timestamp: foundMs, leaderEpoch } = result.found;
        this.#found(offset, foundMs, leaderEpoch);
      } else if (isUnknownYet) this.#failUnknownYet();
      else this.#done();
    };
    if (timestamp === maxTimestamp) log.maxTimestampOffset(found);
    else log.offsetForTimestamp(timestamp, found);
  }

  /** Exclusive bound of what the asker may read. */
  #fetchableEnd(log: PartitionLog): number {
    if (this.#request.replicaId !== consumerId) return log.logEndOffset;
    return this.#request.isolationLevel === readCommitted ? log.lastStableOffset : log.highWatermark;
  }

  #isUnknownYet(partition: Partition, log: PartitionLog): boolean {
    return (
      this.#request.replicaId === consumerId &&
      partition.isLeader &&
      partition.epochStartOffset > log.highWatermark
    );
  }

  #failUnknownYet(): void {
    this.#fail(
      this.#version >= offsetNotAvailableVersion ? errors.OFFSET_NOT_AVAILABLE : errors.LEADER_NOT_AVAILABLE,
    );
  }

  #found(offset: number, timestamp: number, leaderEpoch: number): void {
    this.#answer.offset = BigInt(offset);
    this.#answer.timestamp = BigInt(timestamp);
    if (this.#version >= leaderEpochVersion) this.#answer.leaderEpoch = leaderEpoch;
    this.#done();
  }

  #fail(error: ErrorSpec): void {
    this.#answer.errorCode = error.code;
    this.#done();
  }
}

function newAnswer(partitionIndex: number): PartitionAnswer {
  return makeListOffsetsResponseListOffsetsPartitionResponse({ partitionIndex });
}

function* namesOf(topics: ListOffsetsRequest["topics"]): Iterable<string> {
  for (const { name } of topics) yield name;
}

function* namedTwice(request: ListOffsetsRequest): Pieces<ReadonlySet<string>> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  let items = 0;
  for (const topic of request.topics) {
    for (const { partitionIndex } of topic.partitions) {
      const key = `${topic.name}:${partitionIndex}`;
      if (seen.has(key)) twice.add(key);
      seen.add(key);
      if (endsPiece(++items)) yield;
    }
  }
  return twice;
}
