// The groups and offsets of one partition of `__consumer_offsets`: durable state that records change, soft
// state of live groups, and the way from a request to its decision. Not here: the decisions (../classic,
// ../offsets), the log (../runtime).

import type { GroupCoordinatorConfig } from "@ottla/config";
import type { Logger } from "@ottla/ports";
import {
  type DeleteGroupsResponse,
  type DescribeGroupsResponse,
  type ErrorSpec,
  type HeartbeatRequest,
  type JoinGroupRequest,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  type ListGroupsRequest,
  type ListGroupsResponse,
  makeJoinGroupResponse,
  makeSyncGroupResponse,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  type SyncGroupRequest,
} from "@ottla/protocol";
import { answerJoin, answerSync } from "../classic/answers.ts";
import type { JoinAnswer, SyncAnswer } from "../classic/classic-member.ts";
import { describeGroup } from "../classic/describe-groups.ts";
import { decideHeartbeat } from "../classic/heartbeat.ts";
import { decideJoin } from "../classic/join-group.ts";
import { decideLeave } from "../classic/leave-group.ts";
import { findClassicGroup } from "../classic/live-groups.ts";
import { prepareRebalance } from "../classic/rebalance.ts";
import { decideSync } from "../classic/sync-group.ts";
import type { GroupRequestContext } from "../group-request-context.ts";
import { decideCommit } from "../offsets/commit-offsets.ts";
import { decideDeleteOffsets, decideTopicsDeleted } from "../offsets/delete-offsets.ts";
import { OffsetExpiry } from "../offsets/expire-offsets.ts";
import { fetchOffsets } from "../offsets/fetch-offsets.ts";
import type { OffsetCommitRecords } from "../offsets/offset-commit-records.ts";
import { OffsetStore } from "../offsets/offset-store.ts";
import type { CoordinatorShard, ReplayContext, ShardContext } from "../runtime/coordinator-shard.ts";
import type { DecisionTime } from "../runtime/decision.ts";
import { decideDeleteGroup } from "./delete-groups.ts";
import { type GroupChange, type GroupDecision, NOTHING, replyOnly } from "./group-decision.ts";
import type { GroupMetrics } from "./group-metrics.ts";
import type { GroupRecord } from "./group-record.ts";
import type { GroupServices } from "./group-services.ts";
import { GroupTable } from "./group-table.ts";
import { listGroups } from "./list-groups.ts";
import type { MemberMemory } from "./member-memory.ts";

export interface GroupShardOptions {
  readonly config: GroupCoordinatorConfig;
  readonly memory: MemberMemory;
  readonly metrics: GroupMetrics;
  readonly logger: Logger;
  newUuid(): string;
}

type FetchGroup = OffsetFetchRequest.OffsetFetchRequestGroup;
type FetchedGroup = OffsetFetchResponse.OffsetFetchResponseGroup;

export class GroupShard implements CoordinatorShard<GroupRecord> {
  readonly #services: GroupServices;
  readonly #expiry: OffsetExpiry;

  constructor(context: ShardContext<GroupRecord>, options: GroupShardOptions) {
    const { registry } = context;
    const { config, memory, metrics, logger, newUuid } = options;
    const [table, offsets] = [new GroupTable(registry), new OffsetStore(registry)];
    this.#services = { config, context, table, offsets, memory, metrics, logger, newUuid };
    this.#expiry = new OffsetExpiry(this.#services);
  }

  replay(record: GroupRecord, context: ReplayContext): void {
    this.#services.table.replay(record);
    if (record.kind === "offset-commit") this.#services.offsets.replay(record.key, record.value, context);
  }

  replayEndTransaction(producerId: number, isCommit: boolean): void {
    this.#services.offsets.replayEndTransaction(producerId, isCommit);
  }

  /** Groups with members live on; their sessions begin now. */
  loaded(now: DecisionTime): GroupChange {
    const { table, config } = this.#services;
    for (const [groupId, durable] of table.durable) {
      if (durable.type !== "Classic" || (durable.metadata?.members.length ?? 0) === 0) continue;
      const group = findClassicGroup(this.#services, groupId, now);
      if (group === null || group.members.size <= config.groupMaxSize) continue;
      // The limit was lowered: the last to rejoin are turned away. Nobody has joined yet, so there is nothing
      // to write.
      prepareRebalance(this.#services, group, now);
    }
    this.#expiry.start(now);
    return NOTHING;
  }

  unloaded(error: ErrorSpec): void {
    const { table } = this.#services;
    for (const group of table.live.values()) {
      for (const member of group.members.values()) {
        const { memberId } = member;
        answerJoin(this.#services, group, member, makeJoinGroupResponse({ memberId, errorCode: error.code }));
        answerSync(this.#services, member, makeSyncGroupResponse({ errorCode: error.code }));
      }
      group.dissolve(group.stateTimestampMs ?? 0);
    }
    table.live.clear();
  }

  join(
    context: GroupRequestContext,
    request: JoinGroupRequest,
    answer: JoinAnswer,
    now: DecisionTime,
  ): GroupChange {
    return decideJoin(this.#services, context, request, answer, now);
  }

  sync(request: SyncGroupRequest, answer: SyncAnswer, now: DecisionTime): GroupChange {
    return decideSync(this.#services, request, answer, now);
  }

  heartbeat(request: HeartbeatRequest, now: DecisionTime): GroupDecision<ErrorSpec> {
    return decideHeartbeat(this.#services, request, now);
  }

  leave(request: LeaveGroupRequest, now: DecisionTime): GroupDecision<LeaveGroupResponse> {
    return decideLeave(this.#services, request, now);
  }

  commitOffsets(
    context: GroupRequestContext,
    request: OffsetCommitRequest,
    prepared: OffsetCommitRecords | null,
    now: DecisionTime,
  ): GroupDecision<OffsetCommitResponse> {
    return decideCommit(this.#services, context, request, prepared, now);
  }

  fetchOffsets(group: FetchGroup, committedOffset: number): FetchedGroup {
    return fetchOffsets(this.#services, group, committedOffset);
  }

  fetchStableOffsets(group: FetchGroup): GroupDecision<FetchedGroup> {
    return replyOnly(fetchOffsets(this.#services, group, undefined));
  }

  deleteOffsets(request: OffsetDeleteRequest): GroupDecision<OffsetDeleteResponse> {
    return decideDeleteOffsets(this.#services, request);
  }

  describe(
    groupId: string,
    committedOffset: number,
    apiVersion: number,
  ): DescribeGroupsResponse.DescribedGroup {
    return describeGroup(this.#services, groupId, committedOffset, apiVersion);
  }

  list(request: ListGroupsRequest, committedOffset: number): ListGroupsResponse.ListedGroup[] {
    return listGroups(this.#services, request, committedOffset);
  }

  deleteGroup(groupId: string, now: DecisionTime): GroupDecision<DeleteGroupsResponse.DeletableGroupResult> {
    return decideDeleteGroup(this.#services, groupId, now);
  }

  topicsDeleted(names: ReadonlySet<string>): GroupChange {
    return decideTopicsDeleted(this.#services, names);
  }
}
