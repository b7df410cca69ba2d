// Commits of the group's offsets: one attempt (`commit`), attempts until it is done (`commitUntil`), and the
// automatic commit of what was given to the user, every auto.commit.interval.ms and only while the user
// polls. Invariant: what is committed automatically has been returned by an earlier poll.
import {
  type ErrorSpec,
  errorForCode,
  errors,
  makeOffsetCommitRequest,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  ZERO_UUID,
} from "@ottla/protocol";
import { errorOfRpc, KafkaError, TimeoutError } from "../../errors/kafka-error.ts";
import { offsetCommitApi } from "../consumer-apis.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import { CommitFailedError, RebalanceInProgressError } from "../consumer-errors.ts";
import { nameOf } from "../fetch/fetch-errors.ts";
import type { ClassicMembership } from "../membership/classic-membership.ts";
import { type Generation, NO_GENERATION } from "../membership/generation.ts";
import type { GroupCoordinator } from "../membership/group-coordinator.ts";
import type { OffsetAndMetadata } from "../offsets/offset-and-metadata.ts";
import { TopicPartitionMap } from "../topic-partition-map.ts";

const ORIGIN = "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator";
/** Topics go by name up to here. */
const BY_NAME_VERSION_MAX = 9;
const EPOCH_VERSION = 6;
const INSTANCE_ID_VERSION = 7;

/** Offsets to commit. */
export type OffsetsToCommit = TopicPartitionMap<OffsetAndMetadata>;

const UNDERGOING_REBALANCE =
  "Offset commit cannot be completed since the consumer is undergoing a rebalance for auto partition " +
  "assignment. You can try completing the rebalance by calling poll() and then retry the operation.";

export class OffsetCommits {
  readonly #context: ConsumerContext;
  readonly #coordinator: GroupCoordinator;
  readonly #membership: ClassicMembership;
  #nextAutoCommitAtMs: number;
  #isAutoCommitUnderWay = false;
  #underWay = 0;
  /** Commits that wait for the coordinator; later ones stand behind them, so that offsets do not go back. */
  #waiting = 0;
  #lastWaiting: Promise<void> = Promise.resolve();

  constructor(context: ConsumerContext, coordinator: GroupCoordinator, membership: ClassicMembership) {
    this.#context = context;
    this.#coordinator = coordinator;
    this.#membership = membership;
    this.#nextAutoCommitAtMs = context.connections.nowMs() + context.settings.autoCommitIntervalMs;
  }

  /** Commits whose answer is not there yet. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Positions up to which everything was given to the user. */
  consumed(): OffsetsToCommit {
    const offsets: OffsetsToCommit = new TopicPartitionMap();
    for (const state of this.#context.subscription.partitions) {
      if (state.position === null || state.reset !== null) continue;
      offsets.set(state, { offset: state.position, leaderEpoch: state.positionEpoch });
    }
    return offsets;
  }

  /** One attempt; `done` runs once, in a later turn. The coordinator must be known. */
  commit(offsets: OffsetsToCommit, done: (error: KafkaError | null) => void): void {
    const { ports } = this.#context.connections;
    const generation = this.#generation();
    if (generation instanceof KafkaError || offsets.size === 0) {
      ports.turn.atEnd(() => done(generation instanceof KafkaError ? generation : null));
      return;
    }
    this.#underWay += 1;
    const { connections, metrics } = this.#context;
    const startMs = connections.nowMs();
    const build = (version: number): OffsetCommitRequest => this.#request(offsets, generation, version);
    this.#coordinator.send(offsetCommitApi, build, { versionMax: BY_NAME_VERSION_MAX }, (result) => {
      this.#underWay -= 1;
      metrics.group.commits.record(connections.nowMs() - startMs, connections.nowMs());
      if (result.kind === "failed") done(errorOfRpc(result.error));
      else done(this.#judge(result.response, generation));
      this.#context.signal.notify();
    });
  }

  /**
   * One attempt once the coordinator is known, behind those that wait for it already; `done` runs once, in a
   * later turn. Throws what a search for the coordinator met that will not pass.
   */
  commitInTurn(offsets: OffsetsToCommit, deadlineMs: number, done: (error: KafkaError | null) => void): void {
    if (this.#waiting === 0 && this.#coordinator.ensureKnown()) {
      this.commit(offsets, done);
      return;
    }
    this.#waiting += 1;
    const { generationId } = this.#membership.generation;
    const attempt = async (): Promise<void> => {
      try {
        while (!this.#coordinator.ensureKnown()) await this.#news(deadlineMs);
        // In another generation the partitions may be others', whose offsets must not go back.
        if (this.#membership.generation.generationId === generationId) this.commit(offsets, done);
        else done(new RebalanceInProgressError(UNDERGOING_REBALANCE));
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        done(error);
      } finally {
        this.#waiting -= 1;
      }
    };
    this.#lastWaiting = this.#lastWaiting.then(attempt);
  }

  /**
   * Attempts until the commit is done or fails for good. Rejects with `KafkaError`, and with what
   * `checkWakeup` throws, which is asked before each wait.
   */
  async commitUntil(
    offsets: OffsetsToCommit,
    deadlineMs: number,
    checkWakeup: () => void = neverWokenUp,
  ): Promise<void> {
    const { connections } = this.#context;
    if (this.#waiting > 0) await this.#lastWaiting;
    for (let failures = 0; ; failures++) {
      // Nothing comes between this and the attempt: a rebalance that begins would refuse the commit.
      while (!this.#coordinator.ensureKnown()) {
        checkWakeup();
        await this.#news(deadlineMs);
      }
      const error = await new Promise<KafkaError | null>((resolve) => this.commit(offsets, resolve));
      if (error === null) return;
      if (!error.isRetriable || error instanceof RebalanceInProgressError) throw error;
      checkWakeup();
      const remainingMs = deadlineMs - connections.nowMs();
      if (remainingMs <= 0) throw new TimeoutError(this.#timeoutText(), { cause: error });
      const delayMs = Math.min(remainingMs, connections.retryBackOff.delayMs(failures));
      await new Promise<void>((resolve) => connections.ports.timers.set(delayMs, resolve));
    }
  }

  /** The interval begins anew, as after a rebalance. */
  restartInterval(): void {
    const { connections, settings } = this.#context;
    this.#nextAutoCommitAtMs = connections.nowMs() + settings.autoCommitIntervalMs;
  }

  /** Commits what was consumed, if that is due; `isDue` forces it. */
  autoCommit(isDue: boolean): void {
    const { settings, connections, logger } = this.#context;
    if (!settings.isAutoCommit || this.#isAutoCommitUnderWay) return;
    if (!isDue && connections.nowMs() < this.#nextAutoCommitAtMs) return;
    if (this.#waiting > 0 || !this.#coordinator.ensureKnown()) return;
    this.restartInterval();
    const offsets = this.consumed();
    if (offsets.size === 0) return;
    this.#isAutoCommitUnderWay = true;
    this.commit(offsets, (error) => {
      this.#isAutoCommitUnderWay = false;
      if (error === null) return;
      if (error.isRetriable) {
        this.#nextAutoCommitAtMs = connections.nowMs() + connections.retryBackOff.delayMs(0);
      } else {
        logger.warn(`Asynchronous auto-commit of offsets failed: ${error.message}`, ORIGIN);
      }
    });
  }

  /** Resolves when there may be a coordinator. Rejects at the deadline. */
  #news(deadlineMs: number): Promise<void> {
    const { connections, signal } = this.#context;
    const remainingMs = deadlineMs - connections.nowMs();
    if (remainingMs <= 0) throw new TimeoutError(this.#timeoutText());
    return signal.wait(signal.version, remainingMs);
  }

  #timeoutText(): string {
    const { apiTimeoutMs } = this.#context.settings;
    return `Timeout of ${apiTimeoutMs}ms expired before successfully committing offsets`;
  }

  /** In whose name is committed; an error when this member may not. */
  #generation(): Generation | KafkaError {
    if (!this.#context.subscription.isByGroup) return NO_GENERATION;
    if (this.#membership.state === "stable") return this.#membership.generation;
    return this.#membership.isRebalancing
      ? new RebalanceInProgressError(UNDERGOING_REBALANCE)
      : new CommitFailedError();
  }

  #request(offsets: OffsetsToCommit, generation: Generation, version: number): OffsetCommitRequest {
    const topics = new Map<string, OffsetCommitRequest.OffsetCommitRequestTopic>();
    for (const [{ topic, partition }, { offset, leaderEpoch, metadata }] of offsets) {
      const entry = topics.get(topic) ?? { name: topic, topicId: ZERO_UUID, partitions: [] };
      topics.set(topic, entry);
      entry.partitions.push({
        partitionIndex: partition,
        committedOffset: BigInt(offset),
        committedLeaderEpoch: version >= EPOCH_VERSION ? (leaderEpoch ?? -1) : -1,
        committedMetadata: metadata ?? "",
      });
    }
    const isMember = generation !== NO_GENERATION;
    const groupInstanceId = isMember ? this.#context.settings.groupInstanceId : null;
    return makeOffsetCommitRequest({
      groupId: this.#coordinator.groupId,
      generationIdOrMemberEpoch: generation.generationId,
      memberId: generation.memberId,
      ...(version >= INSTANCE_ID_VERSION ? { groupInstanceId } : {}),
      topics: [...topics.values()],
    });
  }

  #judge(response: OffsetCommitResponse, generation: Generation): KafkaError | null {
    const unauthorized = new Set<string>();
    for (const { name: topic, partitions } of response.topics) {
      for (const { partitionIndex: partition, errorCode } of partitions) {
        if (errorCode === errors.NONE.code) continue;
        const spec = errorForCode(errorCode);
        if (spec === errors.TOPIC_AUTHORIZATION_FAILED) {
          unauthorized.add(topic);
          continue;
        }
        const text = `Offset commit failed on partition ${nameOf({ topic, partition })}: ${spec.meaning}`;
        this.#context.logger.warn(text, ORIGIN);
        return this.#partitionError(spec, generation);
      }
    }
    if (unauthorized.size === 0) return null;
    const names = [...unauthorized].join(", ");
    return new KafkaError(errors.TOPIC_AUTHORIZATION_FAILED, `Not authorized to access topics: [${names}]`);
  }

  #partitionError(spec: ErrorSpec, generation: Generation): KafkaError {
    this.#coordinator.notice(spec.code);
    switch (spec) {
      case errors.REQUEST_TIMED_OUT:
        this.#coordinator.forget("error response REQUEST_TIMED_OUT");
        return new KafkaError(spec);
      case errors.REBALANCE_IN_PROGRESS:
        // The coordinator is collecting members: this one joins with its next poll.
        this.#membership.requestRejoin("offset commit failed since group is already rebalancing");
        return new RebalanceInProgressError(
          "Offset commit cannot be completed since the consumer group is executing a rebalance at the moment. " +
            "You can try completing the rebalance by calling poll() and then retry commit again",
        );
      // From version 9 on a coordinator says so when it has lost a group that nobody had committed to.
      case errors.GROUP_ID_NOT_FOUND:
      case errors.UNKNOWN_MEMBER_ID:
      case errors.ILLEGAL_GENERATION: {
        if (generation.generationId < 0) return new KafkaError(spec);
        const isOld = generation.generationId !== this.#membership.generation.generationId;
        if (isOld || this.#membership.isRebalancing)
          return new RebalanceInProgressError(UNDERGOING_REBALANCE);
        this.#membership.noticeCommitError(spec, generation);
        return new CommitFailedError();
      }
      default:
        return new KafkaError(spec);
    }
  }
}

function neverWokenUp(): void {}
