// One member of a classic group: joins, synchronises, keeps its session alive and leaves. The protocol only:
// it knows nothing of partitions. A rebalance is driven by the user's polls (`join` sends the next request
// that is due), heartbeats go by timer as long as the user polls often enough.
//
//   unjoined ─join─> preparing ─JoinGroup answered─> completing ─SyncGroup answered─> stable ─┐
//      ^                 ^─────────────────── rebalance in progress ──────────────────────────┤
//      └────────────── unknown member, illegal generation, poll interval passed, leave ───────┘
import type { TimerHandle } from "@ottla/ports";
import {
  DecodeError,
  type ErrorSpec,
  errorForCode,
  errors,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type LeaveGroupRequest,
  makeHeartbeatRequest,
  makeJoinGroupRequest,
  makeLeaveGroupRequest,
  makeSyncGroupRequest,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from "@ottla/protocol";
import { errorOfRpc, KafkaError } from "../../errors/kafka-error.ts";
import { heartbeatApi, joinGroupApi, leaveGroupApi, syncGroupApi } from "../consumer-apis.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import { JOIN_GRACE_MS } from "../limits.ts";
import {
  type Generation,
  type GroupMembershipOperation,
  type MemberState,
  NO_GENERATION,
} from "./generation.ts";
import type { GroupCoordinator } from "./group-coordinator.ts";

const ORIGIN = "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator";
const PROTOCOL_TYPE = "consumer";
const INSTANCE_ID_JOIN_VERSION = 5;
const REASON_JOIN_VERSION = 8;
const INSTANCE_ID_VERSION = 3;
const PROTOCOL_SYNC_VERSION = 5;
const REASON_LEAVE_VERSION = 5;
const REBALANCE_TIMEOUT_VERSION = 1;

/** What the membership asks of the consumer around it. */
export interface MembershipHooks {
  /** What this member offers, the best first. */
  protocols(): JoinGroupRequest.JoinGroupRequestProtocol[];
  /** The leader's work. Throws `KafkaError` or `DecodeError`; rejects likewise. */
  assign(
    protocolName: string | null,
    members: readonly JoinGroupResponse.JoinGroupResponseMember[],
    skipsAssignment: boolean,
  ): Promise<{ memberId: string; assignment: Uint8Array }[]>;
}

/** Errors after which the member joins again at once. */
const REJOIN_AT_ONCE: ReadonlySet<ErrorSpec> = new Set([
  errors.UNKNOWN_MEMBER_ID,
  errors.ILLEGAL_GENERATION,
  errors.REBALANCE_IN_PROGRESS,
  errors.MEMBER_ID_REQUIRED,
]);

export class ClassicMembership {
  readonly #context: ConsumerContext;
  readonly #coordinator: GroupCoordinator;
  readonly #hooks: MembershipHooks;
  #state: MemberState = "unjoined";
  #generation: Generation = NO_GENERATION;
  #needsRejoin = true;
  #rejoinReason = "";
  #isJoining = false;
  #failures = 0;
  #retryAtMs = 0;
  #error: KafkaError | null = null;
  #assignment: Uint8Array | null = null;
  /** Grows with each reset: answers to what was sent before it are of no interest. */
  #incarnation = 0;
  #timer: TimerHandle | null = null;
  #isHeartbeatUnderWay = false;
  #nextHeartbeatAtMs = 0;
  #sessionDeadlineMs = 0;
  #pollDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(context: ConsumerContext, coordinator: GroupCoordinator, hooks: MembershipHooks) {
    this.#context = context;
    this.#coordinator = coordinator;
    this.#hooks = hooks;
  }

  get generation(): Generation {
    return this.#generation;
  }

  get state(): MemberState {
    return this.#state;
  }

  /** A join is due or under way. */
  get needsRejoin(): boolean {
    return this.#needsRejoin || this.#isJoining;
  }

  get isJoining(): boolean {
    return this.#isJoining;
  }

  get isRebalancing(): boolean {
    return this.#state === "preparing-rebalance" || this.#state === "completing-rebalance";
  }

  /** The user polled: the member may stay. Throws an error that ended the membership. */
  notePoll(): void {
    this.#pollDeadlineMs = this.#nowMs + this.#context.settings.pollIntervalMsMax;
    const error = this.#error;
    this.#error = null;
    if (error !== null) throw error;
  }

  /** A rebalance is wanted; the next `join` starts it. */
  requestRejoin(reason: string): void {
    if (this.#needsRejoin) return;
    this.#needsRejoin = true;
    this.#rejoinReason = reason;
    this.#context.logger.info(`Request joining group due to: ${reason}`, ORIGIN);
    this.#context.signal.notify();
  }

  /** The assignment that a finished rebalance brought, once; null while there is none. */
  takeAssignment(): Uint8Array | null {
    const assignment = this.#state === "stable" ? this.#assignment : null;
    this.#assignment = null;
    return assignment;
  }

  /** Sends JoinGroup if that is due. The coordinator must be known. */
  join(): void {
    if (!this.#needsRejoin || this.#isJoining || this.#nowMs < this.#retryAtMs) return;
    this.#isJoining = true;
    this.#state = "preparing-rebalance";
    this.#assignment = null;
    this.#context.logger.info("(Re-)joining group", ORIGIN);
    const incarnation = this.#incarnation;
    const { settings } = this.#context;
    const timeoutMs = Math.max(settings.requestTimeoutMs, settings.pollIntervalMsMax + JOIN_GRACE_MS);
    const startMs = this.#nowMs;
    const build = (version: number): JoinGroupRequest => this.#joinRequest(version);
    this.#coordinator.send(joinGroupApi, build, { timeoutMs, waits: true }, (result) => {
      if (incarnation !== this.#incarnation) return;
      if (result.kind === "failed") {
        this.#joinFailed(errorOfRpc(result.error));
      } else if (result.response.errorCode === errors.NONE.code) {
        this.#measured("joins", startMs);
        this.#joined(result.response, incarnation);
      } else {
        this.#joinRefused(result.response.errorCode, result.response.memberId);
      }
    });
  }

  /**
   * Leaves the group, if this member is in it; a static one does so only when told. `done` when the
   * coordinator knows, or does not have to.
   */
  leave(
    reason: string,
    timeoutMs: number,
    done: () => void,
    operation: GroupMembershipOperation = "default",
  ): void {
    const { memberId } = this.#generation;
    const { groupInstanceId } = this.#context.settings;
    const isWanted = operation === "default" ? groupInstanceId === null : operation === "leave-group";
    const canLeave = this.#state !== "unjoined" && memberId !== "" && this.#coordinator.isKnown;
    if (!isWanted || !canLeave) {
      this.#context.connections.ports.turn.atEnd(done);
    } else {
      this.#context.logger.info(
        `Member ${memberId} sending LeaveGroup request to coordinator due to ${reason}`,
        ORIGIN,
      );
      const { groupId } = this.#coordinator;
      const members = (version: number): LeaveGroupRequest.MemberIdentity[] => [
        { memberId, groupInstanceId, reason: version >= REASON_LEAVE_VERSION ? reason : null },
      ];
      const build = (version: number) =>
        version < INSTANCE_ID_VERSION
          ? makeLeaveGroupRequest({ groupId, memberId })
          : makeLeaveGroupRequest({ groupId, members: members(version) });
      this.#coordinator.send(leaveGroupApi, build, { timeoutMs }, done);
    }
    this.#reset(NO_GENERATION, "the consumer left the group");
  }

  /** No more heartbeats. */
  close(): void {
    this.#incarnation += 1;
    this.#stopTimer();
  }

  /** An answer to a commit in `generation` says that this member is not what it was. */
  noticeCommitError(spec: ErrorSpec, generation: Generation): void {
    if (generation.generationId !== this.#generation.generationId) return;
    this.#lostGeneration(spec, "OffsetCommit");
  }

  get #nowMs(): number {
    return this.#context.connections.nowMs();
  }

  #measured(what: "joins" | "syncs" | "heartbeats", startMs: number): void {
    const nowMs = this.#nowMs;
    this.#context.metrics.group[what].record(nowMs - startMs, nowMs);
  }

  #joinRequest(version: number): JoinGroupRequest {
    const { settings } = this.#context;
    return makeJoinGroupRequest({
      groupId: this.#coordinator.groupId,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      ...(version >= REBALANCE_TIMEOUT_VERSION ? { rebalanceTimeoutMs: settings.pollIntervalMsMax } : {}),
      memberId: this.#generation.memberId,
      ...(version >= INSTANCE_ID_JOIN_VERSION ? { groupInstanceId: settings.groupInstanceId } : {}),
      protocolType: PROTOCOL_TYPE,
      protocols: this.#hooks.protocols(),
      ...(version >= REASON_JOIN_VERSION ? { reason: this.#rejoinReason } : {}),
    });
  }

  #joined(response: JoinGroupResponse, incarnation: number): void {
    const { generationId, memberId, protocolName, protocolType } = response;
    if (protocolType !== null && protocolType !== PROTOCOL_TYPE) {
      this.#joinFailed(
        new KafkaError(errors.INCONSISTENT_GROUP_PROTOCOL, `the group is of type ${protocolType}`),
      );
      return;
    }
    this.#context.logger.info(
      `Successfully joined group with generation Generation{generationId=${generationId}, ` +
        `memberId='${memberId}', protocol='${protocolName ?? "null"}'}`,
      ORIGIN,
    );
    this.#state = "completing-rebalance";
    this.#generation = { generationId, memberId, protocolName };
    this.#needsRejoin = false;
    this.#startHeartbeats();
    const isLeader = response.leader === memberId;
    if (!isLeader) {
      this.#sync([], incarnation);
      return;
    }
    // Executed in a promise, because the leader may have to learn of topics that only others read.
    this.#hooks.assign(protocolName, response.members, response.skipAssignment).then(
      (assignments) => {
        if (incarnation === this.#incarnation) this.#sync(assignments, incarnation);
      },
      (error: unknown) => {
        if (incarnation !== this.#incarnation) return;
        this.#needsRejoin = true;
        this.#joinFailed(assignError(error));
      },
    );
  }

  #sync(assignments: SyncGroupRequest.SyncGroupRequestAssignment[], incarnation: number): void {
    const { generationId, memberId, protocolName } = this.#generation;
    const build = (version: number): SyncGroupRequest =>
      makeSyncGroupRequest({
        groupId: this.#coordinator.groupId,
        generationId,
        memberId,
        ...(version >= INSTANCE_ID_VERSION
          ? { groupInstanceId: this.#context.settings.groupInstanceId }
          : {}),
        ...(version >= PROTOCOL_SYNC_VERSION ? { protocolType: PROTOCOL_TYPE, protocolName } : {}),
        assignments,
      });
    const startMs = this.#nowMs;
    this.#coordinator.send(syncGroupApi, build, { waits: true }, (result) => {
      if (incarnation !== this.#incarnation) return;
      const isGood = result.kind === "response" && result.response.errorCode === errors.NONE.code;
      if (isGood) this.#measured("syncs", startMs);
      if (result.kind === "failed") {
        this.#needsRejoin = true;
        this.#joinFailed(errorOfRpc(result.error));
      } else {
        this.#synced(result.response);
      }
    });
  }

  #synced(response: SyncGroupResponse): void {
    if (response.errorCode !== errors.NONE.code) {
      this.#needsRejoin = true;
      this.#joinRefused(response.errorCode, null);
      return;
    }
    this.#isJoining = false;
    this.#failures = 0;
    this.#state = "stable";
    this.#assignment = response.assignment;
    this.#context.logger.info(
      `Successfully synced group in generation ${this.#generation.generationId}`,
      ORIGIN,
    );
    this.#context.signal.notify();
  }

  /** JoinGroup or SyncGroup was answered with an error. */
  #joinRefused(errorCode: number, memberId: string | null): void {
    const spec = errorForCode(errorCode);
    this.#coordinator.notice(errorCode);
    if (spec === errors.MEMBER_ID_REQUIRED && memberId !== null) {
      this.#generation = { ...NO_GENERATION, memberId };
    } else if (spec === errors.UNKNOWN_MEMBER_ID || spec === errors.ILLEGAL_GENERATION) {
      this.#forgetGeneration(spec);
    }
    this.#joinFailed(new KafkaError(spec));
  }

  #joinFailed(error: KafkaError): void {
    this.#isJoining = false;
    this.#needsRejoin = true;
    if (this.#state === "preparing-rebalance") this.#state = "unjoined";
    const { logger, signal, connections } = this.#context;
    logger.info(`JoinGroup failed: ${error.name}: ${error.message}`, ORIGIN);
    this.#context.metrics.group.failedRebalances.record(1, this.#nowMs);
    if (!REJOIN_AT_ONCE.has(error.spec)) {
      if (!error.isRetriable) this.#error = error;
      const delayMs = connections.retryBackOff.delayMs(this.#failures);
      this.#failures += 1;
      this.#retryAtMs = this.#nowMs + delayMs;
      signal.notifyAfter(delayMs);
    }
    signal.notify();
  }

  #forgetGeneration(spec: ErrorSpec): void {
    // After an illegal generation the member id is still good.
    const memberId = spec === errors.ILLEGAL_GENERATION ? this.#generation.memberId : "";
    this.#generation = { ...NO_GENERATION, memberId };
    this.#state = "unjoined";
    this.#stopTimer();
  }

  #lostGeneration(spec: ErrorSpec, api: string): void {
    const memberId = spec === errors.ILLEGAL_GENERATION ? this.#generation.memberId : "";
    this.#reset({ ...NO_GENERATION, memberId }, `encountered ${spec.name} from ${api} response`);
  }

  #reset(generation: Generation, reason: string): void {
    this.#incarnation += 1;
    this.#isJoining = false;
    this.#assignment = null;
    this.#generation = generation;
    this.#state = "unjoined";
    this.#isHeartbeatUnderWay = false;
    this.#stopTimer();
    this.requestRejoin(reason);
  }

  #startHeartbeats(): void {
    const { settings } = this.#context;
    const nowMs = this.#nowMs;
    this.#nextHeartbeatAtMs = nowMs + settings.heartbeatIntervalMs;
    this.#sessionDeadlineMs = nowMs + settings.sessionTimeoutMs;
    this.#isHeartbeatUnderWay = false;
    this.#arm();
  }

  #arm(): void {
    this.#stopTimer();
    const dueMs = Math.min(this.#nextHeartbeatAtMs, this.#pollDeadlineMs);
    this.#timer = this.#context.connections.ports.timers.set(Math.max(0, dueMs - this.#nowMs), () => {
      this.#timer = null;
      this.#tick();
    });
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#context.connections.ports.timers.clear(this.#timer);
    this.#timer = null;
  }

  #tick(): void {
    const { settings, logger, connections, signal } = this.#context;
    if (this.#state !== "completing-rebalance" && this.#state !== "stable") return;
    const nowMs = this.#nowMs;
    if (nowMs >= this.#pollDeadlineMs) {
      logger.warn(
        `The time between two polls was longer than max.poll.interval.ms (${settings.pollIntervalMsMax} ms): ` +
          "this member leaves the group. Poll more often, raise the setting, or lower max.poll.records.",
        ORIGIN,
      );
      this.#pollDeadlineMs = Number.POSITIVE_INFINITY;
      if (settings.groupInstanceId === null)
        this.leave("consumer poll timeout has expired.", settings.requestTimeoutMs, ignore);
      else this.#reset(NO_GENERATION, "consumer poll timeout has expired.");
      return;
    }
    if (nowMs >= this.#sessionDeadlineMs) {
      this.#coordinator.forget("session timed out without receiving a heartbeat response");
      this.#sessionDeadlineMs = nowMs + settings.sessionTimeoutMs;
    }
    if (nowMs >= this.#nextHeartbeatAtMs && !this.#isHeartbeatUnderWay) {
      this.#nextHeartbeatAtMs = nowMs + settings.heartbeatIntervalMs;
      if (this.#isCoordinatorKnown()) this.#heartbeat();
      else this.#nextHeartbeatAtMs = nowMs + connections.retryBackOff.delayMs(0);
    }
    if (this.#isHeartbeatUnderWay) this.#nextHeartbeatAtMs = Math.max(this.#nextHeartbeatAtMs, nowMs + 1);
    this.#arm();
    if (this.#error !== null) signal.notify();
  }

  /** Looks for the coordinator also while the user does not poll. */
  #isCoordinatorKnown(): boolean {
    try {
      return this.#coordinator.ensureKnown();
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      this.#error ??= error;
      return false;
    }
  }

  #heartbeat(): void {
    const { generationId, memberId } = this.#generation;
    const incarnation = this.#incarnation;
    const { groupInstanceId } = this.#context.settings;
    const build = (version: number) =>
      makeHeartbeatRequest({
        groupId: this.#coordinator.groupId,
        generationId,
        memberId,
        ...(version >= INSTANCE_ID_VERSION ? { groupInstanceId } : {}),
      });
    this.#isHeartbeatUnderWay = true;
    const startMs = this.#nowMs;
    this.#context.metrics.group.lastHeartbeatMs = startMs;
    this.#coordinator.send(heartbeatApi, build, {}, (result) => {
      if (incarnation !== this.#incarnation) return;
      if (result.kind === "response") this.#measured("heartbeats", startMs);
      this.#isHeartbeatUnderWay = false;
      if (result.kind === "failed") this.#heartbeatFailed();
      else this.#heartbeatAnswered(result.response.errorCode, generationId);
    });
  }

  #heartbeatFailed(): void {
    this.#nextHeartbeatAtMs = this.#nowMs + this.#context.connections.retryBackOff.delayMs(0);
    if (this.#timer !== null) this.#arm();
  }

  #heartbeatAnswered(errorCode: number, generationId: number): void {
    const spec = errorForCode(errorCode);
    switch (spec) {
      case errors.NONE:
        this.#sessionDeadlineMs = this.#nowMs + this.#context.settings.sessionTimeoutMs;
        return;
      case errors.COORDINATOR_NOT_AVAILABLE:
      case errors.NOT_COORDINATOR:
        this.#coordinator.notice(errorCode);
        this.#heartbeatFailed();
        return;
      case errors.REBALANCE_IN_PROGRESS:
        this.#sessionDeadlineMs = this.#nowMs + this.#context.settings.sessionTimeoutMs;
        if (this.#state === "stable") this.requestRejoin("group is already rebalancing");
        return;
      case errors.ILLEGAL_GENERATION:
      case errors.UNKNOWN_MEMBER_ID:
        if (generationId === this.#generation.generationId) this.#lostGeneration(spec, "Heartbeat");
        return;
      default:
        if (spec.retriable) {
          this.#heartbeatFailed();
          return;
        }
        this.#error ??= new KafkaError(spec);
        this.#stopTimer();
        this.#context.signal.notify();
    }
  }
}

function assignError(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error;
  if (error instanceof DecodeError) {
    return new KafkaError(errors.INCONSISTENT_GROUP_PROTOCOL, `a member's subscription: ${error.message}`);
  }
  throw error;
}

function ignore(): void {}
