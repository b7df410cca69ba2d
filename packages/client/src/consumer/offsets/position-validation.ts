// Whether a position still is in the log that was read (KIP-320). When a partition has a new leader epoch, or
// a committed offset names the epoch of its record, the leader is asked where that epoch ends; an end before
// the position means that records which were read have been replaced by others. Runs in the background;
// truncation without a reset policy is kept for the next poll to throw.
import {
  errors,
  makeOffsetForLeaderEpochRequest,
  makeOffsetForLeaderEpochRequestOffsetForLeaderPartition,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
} from "@ottla/protocol";
import { offsetForLeaderEpochApi } from "../consumer-apis.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import { LogTruncationError } from "../consumer-errors.ts";
import { nameOf } from "../fetch/fetch-errors.ts";
import type { PartitionState } from "../subscription/partition-state.ts";
import { partitionKey } from "../topic-partition-map.ts";

const ORIGIN = "org.apache.kafka.clients.consumer.internals.SubscriptionState";
const VERSION_MIN = 3;
const CONSUMER_REPLICA_ID = -1;

interface Question {
  readonly state: PartitionState;
  readonly position: number;
  readonly epoch: number;
  readonly leaderEpoch: number;
}

export class PositionValidation {
  readonly #context: ConsumerContext;
  #metadataVersion = -1;
  #error: LogTruncationError | null = null;

  constructor(context: ConsumerContext) {
    this.#context = context;
  }

  /** Starts what is due. Throws what an earlier answer found. */
  run(): void {
    const error = this.#error;
    this.#error = null;
    if (error !== null) throw error;
    this.#noticeNewLeaders();
    const byLeader = new Map<number, Question[]>();
    for (const state of this.#context.subscription.partitions) {
      if (!state.needsValidation || state.isLookingUp) continue;
      this.#ask(state, byLeader);
    }
    for (const [leaderId, questions] of byLeader) this.#send(leaderId, questions);
  }

  #noticeNewLeaders(): void {
    const { metadata } = this.#context.connections;
    const isChanged = metadata.version !== this.#metadataVersion;
    this.#metadataVersion = metadata.version;
    for (const state of this.#context.subscription.partitions) {
      if (!state.hasValidPosition || (!isChanged && state.validatedEpoch !== null)) continue;
      const leaderEpoch = metadata.leader(state.topic, state.partition)?.leaderEpoch ?? -1;
      if (leaderEpoch < 0 || leaderEpoch === state.validatedEpoch) continue;
      const isFirst = state.validatedEpoch === null;
      state.validatedEpoch = leaderEpoch;
      // A position that was just looked up, or that no epoch is known of, has nothing to compare.
      state.needsValidation = !isFirst && state.positionEpoch !== null;
    }
  }

  #ask(state: PartitionState, byLeader: Map<number, Question[]>): void {
    const { connections } = this.#context;
    const { position, positionEpoch: epoch } = state;
    if (position === null || epoch === null) {
      state.needsValidation = false;
      return;
    }
    const leader = connections.metadata.leader(state.topic, state.partition);
    if (state.retryAtMs > connections.nowMs()) return;
    if (leader === null || leader.node === null) {
      connections.requestUpdate();
      return;
    }
    const question = { state, position, epoch, leaderEpoch: leader.leaderEpoch };
    const questions = byLeader.get(leader.leaderId);
    if (questions === undefined) byLeader.set(leader.leaderId, [question]);
    else questions.push(question);
  }

  #send(leaderId: number, questions: readonly Question[]): void {
    for (const { state } of questions) state.isLookingUp = true;
    const { connections, signal } = this.#context;
    const build = (version: number): OffsetForLeaderEpochRequest => requestOf(questions, version);
    const target = { lookUp: leaderId };
    connections.send(target, offsetForLeaderEpochApi, build, { versionMin: VERSION_MIN }, (result) => {
      for (const { state } of questions) state.isLookingUp = false;
      if (result.kind === "response") this.#answered(questions, result.response);
      else if (result.error.reason === "unsupported-version") this.#accept(questions);
      else for (const { state } of questions) this.#retryLater(state);
      signal.notify();
    });
  }

  /** A broker too old to be asked: the position is taken as it is. */
  #accept(questions: readonly Question[]): void {
    for (const { state } of questions) state.needsValidation = false;
  }

  #answered(questions: readonly Question[], response: OffsetForLeaderEpochResponse): void {
    const answers = new Map<string, OffsetForLeaderEpochResponse.EpochEndOffset>();
    for (const { topic, partitions } of response.topics) {
      for (const each of partitions) answers.set(partitionKey({ topic, partition: each.partition }), each);
    }
    for (const question of questions) {
      const { state, position, epoch } = question;
      const isCurrent = this.#context.subscription.has(state) && state.needsValidation;
      if (!isCurrent || state.position !== position || state.positionEpoch !== epoch) continue;
      const answer = answers.get(state.key);
      if (answer === undefined || answer.errorCode !== errors.NONE.code) {
        this.#context.connections.requestUpdate();
        this.#retryLater(state);
      } else {
        this.#judge(question, answer);
      }
    }
  }

  #judge(question: Question, answer: OffsetForLeaderEpochResponse.EpochEndOffset): void {
    const { state, position } = question;
    const endOffset = Number(answer.endOffset);
    const isKnown = endOffset >= 0 && answer.leaderEpoch >= 0;
    if (isKnown && endOffset >= position) {
      state.needsValidation = false;
      state.validatedEpoch = question.leaderEpoch;
      return;
    }
    const strategy = this.#context.settings.offsetReset;
    if (strategy.kind === "none") {
      this.#error ??= new LogTruncationError(state, position, isKnown ? endOffset : null);
    } else if (isKnown) {
      const text = `Truncation detected for partition ${nameOf(state)} at offset ${position}`;
      this.#context.logger.info(
        `${text}, resetting offset to the first offset known to diverge ${endOffset}`,
        ORIGIN,
      );
      state.seek(endOffset, answer.leaderEpoch);
      state.validatedEpoch = question.leaderEpoch;
    } else {
      const text = `Truncation detected for partition ${nameOf(state)} at offset ${position}, resetting offset`;
      this.#context.logger.info(text, ORIGIN);
      state.requestReset(strategy);
    }
  }

  #retryLater(state: PartitionState): void {
    const { connections, signal } = this.#context;
    const delayMs = connections.retryBackOff.delayMs(0);
    state.retryAtMs = connections.nowMs() + delayMs;
    signal.notifyAfter(delayMs);
  }
}

function requestOf(questions: readonly Question[], version: number): OffsetForLeaderEpochRequest {
  const topics = new Map<string, OffsetForLeaderEpochRequest.OffsetForLeaderTopic>();
  for (const { state, epoch, leaderEpoch } of questions) {
    const entry = topics.get(state.topic) ?? { topic: state.topic, partitions: [] };
    topics.set(state.topic, entry);
    entry.partitions.push(
      makeOffsetForLeaderEpochRequestOffsetForLeaderPartition({
        partition: state.partition,
        currentLeaderEpoch: leaderEpoch,
        leaderEpoch: epoch,
      }),
    );
  }
  return makeOffsetForLeaderEpochRequest({
    ...(version >= 3 ? { replicaId: CONSUMER_REPLICA_ID } : {}),
    topics: [...topics.values()],
  });
}
