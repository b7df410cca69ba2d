// The group coordinator of this broker: finds the partition of a group, has it decide or read, and turns what
// the runtime refuses into the answer of each API. Not here: the decisions (group/, classic/, offsets/),
// permissions and versions (package broker).
import type { Pieces } from "@ottla/ports";
import {
  coordinatorPartition,
  type DeleteGroupsRequest,
  type DeleteGroupsResponse,
  type DescribeGroupsRequest,
  type DescribeGroupsResponse,
  type ErrorSpec,
  errors,
  type HeartbeatRequest,
  type HeartbeatResponse,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  type ListGroupsRequest,
  type ListGroupsResponse,
  makeDeleteGroupsResponse,
  makeDeleteGroupsResponseDeletableGroupResult,
  makeDescribeGroupsResponse,
  makeDescribeGroupsResponseDescribedGroup,
  makeJoinGroupResponse,
  makeLeaveGroupResponse,
  makeListGroupsResponse,
  makeOffsetDeleteResponse,
  makeOffsetFetchResponse,
  makeOffsetFetchResponseOffsetFetchResponseGroup,
  makeSyncGroupResponse,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from "@ottla/protocol";
import { GroupMetrics } from "./group/group-metrics.ts";
import { createGroupRecordCodec, type GroupRecord } from "./group/group-record.ts";
import { GroupShard } from "./group/group-shard.ts";
import { javaUuid } from "./group/java-uuid.ts";
import { MemberMemory } from "./group/member-memory.ts";
import { fetchError, operationError } from "./group/operation-error.ts";
import type { GroupCoordinator, GroupCoordinatorOptions } from "./group-coordinator.ts";
import type { GroupCoordinatorMetrics } from "./group-coordinator-metrics.ts";
import type { GroupRequestContext } from "./group-request-context.ts";
import { COMMITTED_AT_ONCE_MAX, COMMITTED_IN_SLICES_MAX, GROUPS_PER_PIECE } from "./limits.ts";
import { refusedCommit } from "./offsets/commit-offsets.ts";
import { type OffsetCommitRecords, offsetCommitRecordsInPieces } from "./offsets/offset-commit-records.ts";
import type { CoordinatorLog } from "./runtime/coordinator-log.ts";
import { CoordinatorRuntime } from "./runtime/coordinator-runtime.ts";
import type { OperationResult } from "./runtime/runtime-partition.ts";

type Reply<Response> = (response: Response) => void;
type DescribedGroup = DescribeGroupsResponse.DescribedGroup;
type ListedGroup = ListGroupsResponse.ListedGroup;
type FetchGroup = OffsetFetchRequest.OffsetFetchRequestGroup;
type FetchedGroup = OffsetFetchResponse.OffsetFetchResponseGroup;

/** A join that fails names no protocol: with null from this version on, with an empty name before. */
const NULL_PROTOCOL_SINCE = 7;

/** A group coordinator with numbers. */
export interface LocalGroupCoordinator extends GroupCoordinator {
  readonly metrics: GroupCoordinatorMetrics;
}

/** The group coordinator of a broker. It keeps no group before it is given partitions. */
export function createGroupCoordinator(options: GroupCoordinatorOptions): LocalGroupCoordinator {
  return new Coordinator(options);
}

class Coordinator implements LocalGroupCoordinator {
  readonly #options: GroupCoordinatorOptions;
  readonly #runtime: CoordinatorRuntime<GroupShard, GroupRecord>;
  readonly #groupMetrics = new GroupMetrics();
  readonly #memory = new MemberMemory();
  readonly #codec = createGroupRecordCodec();

  constructor(options: GroupCoordinatorOptions) {
    this.#options = options;
    const { ports, config, requestTurnEnd, logger } = options;
    const newUuid = (): string => javaUuid(ports.crypto.secureBytes(16));
    const shardOptions = { config, memory: this.#memory, metrics: this.#groupMetrics, logger, newUuid };
    this.#runtime = new CoordinatorRuntime({
      ports,
      codec: this.#codec,
      newShard: (context) => new GroupShard(context, shardOptions),
      writeTimeoutMs: config.offsetsCommitTimeoutMs,
      requestTurnEnd,
      logger,
    });
  }

  get metrics(): GroupCoordinatorMetrics {
    const { metrics: runtime, pendingWrites } = this.#runtime;
    return { runtime, groups: this.#groupMetrics, pendingWrites, memberBytes: this.#memory.bytes };
  }

  partitionFor(groupId: string): number {
    return coordinatorPartition(groupId, this.#options.partitionCount());
  }

  load(partition: number, leaderEpoch: number, log: CoordinatorLog): void {
    this.#runtime.load(partition, leaderEpoch, log);
  }

  unload(partition: number, leaderEpoch: number): void {
    this.#runtime.unload(partition, leaderEpoch);
  }

  highWatermarkMoved(partition: number, highWatermark: number): void {
    this.#runtime.highWatermarkMoved(partition, highWatermark);
  }

  flush(): void {
    this.#runtime.flush();
  }

  close(): void {
    this.#runtime.close();
  }

  joinGroup(context: GroupRequestContext, request: JoinGroupRequest, reply: Reply<JoinGroupResponse>): void {
    const { groupId, memberId, sessionTimeoutMs } = request;
    const { groupMinSessionTimeoutMs, groupMaxSessionTimeoutMs } = this.#options.config;
    const refuse = ({ code: errorCode }: ErrorSpec): void =>
      answer(makeJoinGroupResponse({ memberId, errorCode }));
    const answer = once((response: JoinGroupResponse) => reply(joinResponse(response, context.apiVersion)));
    if (groupId === "") return refuse(errors.INVALID_GROUP_ID);
    if (sessionTimeoutMs < groupMinSessionTimeoutMs || sessionTimeoutMs > groupMaxSessionTimeoutMs) {
      return refuse(errors.INVALID_SESSION_TIMEOUT);
    }
    // Version 0 has one timeout for both.
    const timed = context.apiVersion === 0 ? { ...request, rebalanceTimeoutMs: sessionTimeoutMs } : request;
    this.#runtime.write(
      this.partitionFor(groupId),
      (shard, now) => shard.join(context, timed, answer, now),
      (result) => {
        if ("error" in result) refuse(operationError(result.error));
      },
    );
  }

  syncGroup(_context: GroupRequestContext, request: SyncGroupRequest, reply: Reply<SyncGroupResponse>): void {
    const answer = once(reply);
    const refuse = ({ code: errorCode }: ErrorSpec): void => answer(makeSyncGroupResponse({ errorCode }));
    if (request.groupId === "") return refuse(errors.INVALID_GROUP_ID);
    this.#runtime.write(
      this.partitionFor(request.groupId),
      (shard, now) => shard.sync(request, answer, now),
      (result) => {
        if ("error" in result) refuse(operationError(result.error));
      },
    );
  }

  heartbeat(_context: GroupRequestContext, request: HeartbeatRequest, reply: Reply<HeartbeatResponse>): void {
    const answer = ({ code: errorCode }: ErrorSpec): void => reply({ throttleTimeMs: 0, errorCode });
    if (request.groupId === "") return answer(errors.INVALID_GROUP_ID);
    this.#runtime.write(
      this.partitionFor(request.groupId),
      (shard, now) => shard.heartbeat(request, now),
      (result) => {
        if (!("error" in result)) answer(result.reply);
        // The group is being read: nobody's session runs, so all is well.
        else if (result.error === errors.COORDINATOR_LOAD_IN_PROGRESS) answer(errors.NONE);
        else answer(operationError(result.error));
      },
    );
  }

  leaveGroup(
    _context: GroupRequestContext,
    request: LeaveGroupRequest,
    reply: Reply<LeaveGroupResponse>,
  ): void {
    const refuse = ({ code: errorCode }: ErrorSpec): LeaveGroupResponse =>
      makeLeaveGroupResponse({ errorCode });
    if (request.groupId === "") return reply(refuse(errors.INVALID_GROUP_ID));
    this.#runtime.write(
      this.partitionFor(request.groupId),
      (shard, now) => shard.leave(request, now),
      (result) => reply("error" in result ? refuse(operationError(result.error)) : result.reply),
    );
  }

  commitOffsets(
    context: GroupRequestContext,
    request: OffsetCommitRequest,
    reply: Reply<OffsetCommitResponse>,
  ): void {
    const write = (prepared: OffsetCommitRecords | null): void =>
      this.#runtime.write(
        this.partitionFor(request.groupId),
        (shard, now) => shard.commitOffsets(context, request, prepared, now),
        (result) =>
          reply("error" in result ? refusedCommit(request, operationError(result.error)) : result.reply),
      );
    const offsets = offsetCount(request);
    if (offsets <= COMMITTED_AT_ONCE_MAX || offsets > COMMITTED_IN_SLICES_MAX) return write(null);
    const { config, ports, slices } = this.#options;
    const pieces = offsetCommitRecordsInPieces(config, this.#codec, request, ports.clock.wallMs());
    slices.run("OffsetCommit", pieces, { done: write });
  }

  fetchOffsets(
    _context: GroupRequestContext,
    request: OffsetFetchRequest,
    reply: Reply<OffsetFetchResponse>,
  ): void {
    const fetch = (group: FetchGroup, done: (fetched: FetchedGroup) => void): void => {
      const { groupId } = group;
      const answer = (result: OperationResult<FetchedGroup>): void => {
        if (!("error" in result)) return done(result.reply);
        const errorCode = fetchError(result.error).code;
        done(makeOffsetFetchResponseOffsetFetchResponseGroup({ groupId, errorCode }));
      };
      const partition = this.partitionFor(groupId);
      if (request.requireStable)
        this.#runtime.write(partition, (shard) => shard.fetchStableOffsets(group), answer);
      else this.#runtime.read(partition, (shard, at) => shard.fetchOffsets(group, at), answer);
    };
    this.#forEach(request.groups, fetch, (groups) => reply(makeOffsetFetchResponse({ groups })));
  }

  deleteOffsets(
    _context: GroupRequestContext,
    request: OffsetDeleteRequest,
    reply: Reply<OffsetDeleteResponse>,
  ): void {
    const refuse = ({ code: errorCode }: ErrorSpec): OffsetDeleteResponse =>
      makeOffsetDeleteResponse({ errorCode });
    if (request.groupId === "") return reply(refuse(errors.INVALID_GROUP_ID));
    this.#runtime.write(
      this.partitionFor(request.groupId),
      (shard) => shard.deleteOffsets(request),
      (result) => reply("error" in result ? refuse(operationError(result.error)) : result.reply),
    );
  }

  describeGroups(
    { apiVersion }: GroupRequestContext,
    request: DescribeGroupsRequest,
    reply: Reply<DescribeGroupsResponse>,
  ): void {
    const describe = (groupId: string, done: (group: DescribedGroup) => void): void =>
      this.#runtime.read(
        this.partitionFor(groupId),
        (shard, at) => shard.describe(groupId, at, apiVersion),
        (result) => {
          if (!("error" in result)) return done(result.reply);
          const errorCode = operationError(result.error).code;
          done(makeDescribeGroupsResponseDescribedGroup({ groupId, errorCode }));
        },
      );
    this.#forEach(request.groups, describe, (groups) => reply(makeDescribeGroupsResponse({ groups })));
  }

  /**
   * Of all partitions here; one that is still being read makes the answer an error, since groups would be
   * missing.
   */
  listGroups(
    _context: GroupRequestContext,
    request: ListGroupsRequest,
    reply: Reply<ListGroupsResponse>,
  ): void {
    const list = (partition: number, done: (groups: readonly ListedGroup[] | ErrorSpec) => void): void =>
      this.#runtime.read(
        partition,
        (shard, at) => shard.list(request, at),
        (result) => {
          if (!("error" in result)) done(result.reply);
          else done(result.error === errors.NOT_COORDINATOR ? [] : operationError(result.error));
        },
      );
    this.#forEach([...this.#runtime.partitions], list, (listed) => {
      const problem = listed.find((each) => "code" in each);
      if (problem !== undefined) reply(makeListGroupsResponse({ errorCode: problem.code }));
      else reply(makeListGroupsResponse({ groups: listed.flatMap((each) => ("code" in each ? [] : each)) }));
    });
  }

  deleteGroups(
    _context: GroupRequestContext,
    request: DeleteGroupsRequest,
    reply: Reply<DeleteGroupsResponse>,
  ): void {
    const remove = (
      groupId: string,
      done: (result: DeleteGroupsResponse.DeletableGroupResult) => void,
    ): void =>
      this.#runtime.write(
        this.partitionFor(groupId),
        (shard, now) => shard.deleteGroup(groupId, now),
        (result) => {
          if (!("error" in result)) return done(result.reply);
          const errorCode = operationError(result.error).code;
          done(makeDeleteGroupsResponseDeletableGroupResult({ groupId, errorCode }));
        },
      );
    const groupIds = [...new Set(request.groupsNames)];
    this.#forEach(groupIds, remove, (results) => reply(makeDeleteGroupsResponse({ results })));
  }

  /** Asks about each of `items`, in slices where there are many; `done` gets the answers in their order. */
  #forEach<Item, Result>(
    items: readonly Item[],
    work: (item: Item, done: (result: Result) => void) => void,
    done: (results: Result[]) => void,
  ): void {
    const results = new Array<Result>(items.length);
    let waiting = items.length;
    if (waiting === 0) return done(results);
    const ask = function* (): Pieces<void> {
      for (const [index, item] of items.entries()) {
        work(item, (result) => {
          results[index] = result;
          waiting--;
          if (waiting === 0) done(results);
        });
        if ((index + 1) % GROUPS_PER_PIECE === 0) yield;
      }
    };
    this.#options.slices.run("groups", ask(), { done: () => {} });
  }

  topicsDeleted(names: readonly string[]): void {
    const deleted = new Set(names);
    for (const partition of this.#runtime.partitions) {
      this.#runtime.write(
        partition,
        (shard) => shard.topicsDeleted(deleted),
        (result) => {
          if (!("error" in result)) return;
          const fields = { partition, error: result.error.name };
          this.#options.logger.warn("offsets of deleted topics could not be removed", fields);
        },
      );
    }
  }
}

function offsetCount({ topics }: OffsetCommitRequest): number {
  let count = 0;
  for (const { partitions } of topics) count += partitions.length;
  return count;
}

function joinResponse(response: JoinGroupResponse, apiVersion: number): JoinGroupResponse {
  if (response.errorCode === errors.NONE.code) return response;
  return { ...response, protocolName: apiVersion >= NULL_PROTOCOL_SINCE ? null : "" };
}

/** Passes the first call on; a join that has been answered may still fail in the log. */
function once<Value>(pass: (value: Value) => void): (value: Value) => void {
  let isDone = false;
  return (value) => {
    if (isDone) return;
    isDone = true;
    pass(value);
  };
}
