// The group coordinator of a broker: one method per API, from generated requests to generated responses.
// Every method answers exactly once, before the return or in a later turn.
import type { BrokerConfig } from "@ottla/config";
import type { Clock, Crypto, Logger, Slices, Timers, Turn, Zip } from "@ottla/ports";
import type {
  DeleteGroupsRequest,
  DeleteGroupsResponse,
  DescribeGroupsRequest,
  DescribeGroupsResponse,
  HeartbeatRequest,
  HeartbeatResponse,
  JoinGroupRequest,
  JoinGroupResponse,
  LeaveGroupRequest,
  LeaveGroupResponse,
  ListGroupsRequest,
  ListGroupsResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  OffsetDeleteRequest,
  OffsetDeleteResponse,
  OffsetFetchRequest,
  OffsetFetchResponse,
  SyncGroupRequest,
  SyncGroupResponse,
} from "@ottla/protocol";
import type { GroupRequestContext } from "./group-request-context.ts";
import type { CoordinatorLog } from "./runtime/coordinator-log.ts";

export interface GroupCoordinatorOptions {
  readonly ports: {
    readonly clock: Clock;
    readonly timers: Timers;
    readonly turn: Turn;
    readonly zip: Zip;
    readonly crypto: Crypto;
  };
  /** Questions about very many groups are answered in slices of the loop. */
  readonly slices: Slices;
  readonly config: BrokerConfig;
  /** Partitions of `__consumer_offsets`: as created, else as configured. */
  readonly partitionCount: () => number;
  /** Asks for a call of `flush` at the end of this turn. */
  readonly requestTurnEnd: () => void;
  readonly logger: Logger;
}

type Reply<Response> = (response: Response) => void;

/** Who keeps groups. `createGroupCoordinator` makes the one that does so on this broker. */
export interface GroupCoordinator {
  /** The partition of `__consumer_offsets` that holds the group. */
  partitionFor(groupId: string): number;

  // What package broker tells of the partitions it leads.
  load(partition: number, leaderEpoch: number, log: CoordinatorLog): void;
  unload(partition: number, leaderEpoch: number): void;
  highWatermarkMoved(partition: number, highWatermark: number): void;
  /** At the end of each turn that asked for it, before the logs are written. */
  flush(): void;
  close(): void;

  joinGroup(context: GroupRequestContext, request: JoinGroupRequest, reply: Reply<JoinGroupResponse>): void;
  syncGroup(context: GroupRequestContext, request: SyncGroupRequest, reply: Reply<SyncGroupResponse>): void;
  heartbeat(context: GroupRequestContext, request: HeartbeatRequest, reply: Reply<HeartbeatResponse>): void;
  leaveGroup(
    context: GroupRequestContext,
    request: LeaveGroupRequest,
    reply: Reply<LeaveGroupResponse>,
  ): void;
  /** Topics have their names, also in versions with topic ids; unknown topics are answered before. */
  commitOffsets(
    context: GroupRequestContext,
    request: OffsetCommitRequest,
    reply: Reply<OffsetCommitResponse>,
  ): void;
  /** In the form of version 8 and later: the groups are in `groups`; topics have their names. */
  fetchOffsets(
    context: GroupRequestContext,
    request: OffsetFetchRequest,
    reply: Reply<OffsetFetchResponse>,
  ): void;
  deleteOffsets(
    context: GroupRequestContext,
    request: OffsetDeleteRequest,
    reply: Reply<OffsetDeleteResponse>,
  ): void;
  describeGroups(
    context: GroupRequestContext,
    request: DescribeGroupsRequest,
    reply: Reply<DescribeGroupsResponse>,
  ): void;
  listGroups(
    context: GroupRequestContext,
    request: ListGroupsRequest,
    reply: Reply<ListGroupsResponse>,
  ): void;
  deleteGroups(
    context: GroupRequestContext,
    request: DeleteGroupsRequest,
    reply: Reply<DeleteGroupsResponse>,
  ): void;
  /** Offsets of deleted topics go too. */
  topicsDeleted(names: readonly string[]): void;
}
