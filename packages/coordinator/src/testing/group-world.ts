// A group coordinator in a simulated world with a log in memory: what tests of groups talk to.
import { type BrokerConfig, brokerConfigOf } from "@ottla/config";
import { type FakeNode, FakeWorld, NotedLogger, Slices } from "@ottla/ports";
import {
  batchIsControl,
  type DeleteGroupsResponse,
  type DescribeGroupsResponse,
  errorForCode,
  type HeartbeatResponse,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type LeaveGroupResponse,
  type ListGroupsRequest,
  type ListGroupsResponse,
  makeDeleteGroupsRequest,
  makeDescribeGroupsRequest,
  makeHeartbeatRequest,
  makeJoinGroupRequest,
  makeLeaveGroupRequest,
  makeListGroupsRequest,
  makeOffsetCommitRequest,
  makeOffsetDeleteRequest,
  makeOffsetFetchRequest,
  makeSyncGroupRequest,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type OffsetDeleteResponse,
  readRecords,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from "@ottla/protocol";
import { createGroupRecordCodec, type GroupRecord } from "../group/group-record.ts";
import type { GroupRequestContext } from "../group-request-context.ts";
import { createGroupCoordinator, type LocalGroupCoordinator } from "../local-group-coordinator.ts";
import { MemoryLog } from "./memory-log.ts";

/** Milliseconds in tests are exact. */
const delays = { turnEndUs: { min: 1, max: 1 }, timerLateUs: { min: 0, max: 0 } };

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The answer to a request, once it has come. */
export class Asked<Response> {
  #answer: Response | null = null;
  #listener: ((response: Response) => void) | null = null;

  get isAnswered(): boolean {
    return this.#answer !== null;
  }

  /** Throws when there is none. */
  get answer(): Response {
    if (this.#answer === null) throw new Error("no answer has come");
    return this.#answer;
  }

  readonly take = (response: Response): void => {
    if (this.#answer !== null) throw new Error("answered twice");
    this.#answer = response;
    this.#listener?.(response);
  };

  /** Calls `listener` once, now or when the answer comes. */
  whenAnswered(listener: (response: Response) => void): void {
    this.#listener = listener;
    if (this.#answer !== null) listener(this.#answer);
  }
}

interface LeavingMember {
  readonly memberId: string;
  readonly groupInstanceId?: string;
}

export interface GroupWorldOptions {
  readonly seed?: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: MemoryLog;
  /** Default: true. */
  readonly isLoaded?: boolean;
}

export class GroupWorld {
  readonly world: FakeWorld;
  readonly node: FakeNode;
  readonly log: MemoryLog;
  readonly config: BrokerConfig;
  groups: LocalGroupCoordinator;
  /** Records are committed at the end of the turn in which they are appended. */
  commitsAtOnce = true;
  context: GroupRequestContext = { apiVersion: 9, clientId: "c", clientHost: "/10.0.0.1" };
  #epoch = 0;
  #isTurnRequested = false;

  constructor(options: GroupWorldOptions = {}) {
    this.world = new FakeWorld({ seed: options.seed ?? 1 });
    this.node = this.world.node("broker-1", { delays });
    this.log = options.log ?? new MemoryLog();
    const settings = { "node.id": "1", "process.roles": "broker,controller", ...options.settings };
    this.config = brokerConfigOf({
      "controller.listener.names": "CONTROLLER",
      "controller.quorum.voters": "1@localhost:9093",
      listeners: "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
      ...settings,
    });
    this.groups = this.#newCoordinator();
    if (options.isLoaded !== false) this.load();
  }

  load(): void {
    this.groups.load(0, this.#epoch, this.log);
    this.settle();
  }

  /** The broker starts again on the log as it is. */
  restart(): void {
    this.groups.close();
    this.log.highWatermark = this.log.logEndOffset;
    this.groups = this.#newCoordinator();
    this.#epoch++;
    this.load();
  }

  /** Runs what is due now. */
  settle(): void {
    this.world.run({ ms: 1 });
  }

  pass(ms: number): void {
    this.world.run({ ms });
    this.settle();
  }

  commit(): void {
    this.log.highWatermark = this.log.logEndOffset;
    this.groups.highWatermarkMoved(0, this.log.highWatermark);
    this.settle();
  }

  join(fields: Partial<JoinGroupRequest>, apiVersion = 9): Asked<JoinGroupResponse> {
    const asked = new Asked<JoinGroupResponse>();
    const request = makeJoinGroupRequest({
      groupId: "g",
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: bytesOf("meta") }],
      ...fields,
    });
    this.groups.joinGroup({ ...this.context, apiVersion }, request, asked.take);
    this.settle();
    return asked;
  }

  /** Joins with the id that a first request was given. */
  joinAnew(fields: Partial<JoinGroupRequest> = {}): { memberId: string; joined: Asked<JoinGroupResponse> } {
    const { memberId } = this.join(fields).answer;
    return { memberId, joined: this.join({ ...fields, memberId }) };
  }

  sync(fields: Partial<SyncGroupRequest>): Asked<SyncGroupResponse> {
    const asked = new Asked<SyncGroupResponse>();
    const request = makeSyncGroupRequest({ groupId: "g", ...fields });
    this.groups.syncGroup(this.context, request, asked.take);
    this.settle();
    return asked;
  }

  leaveGroup(members: readonly LeavingMember[]): Asked<LeaveGroupResponse> {
    const asked = new Asked<LeaveGroupResponse>();
    const request = makeLeaveGroupRequest({
      groupId: "g",
      members: members.map((member) => ({ groupInstanceId: null, reason: null, ...member })),
    });
    this.groups.leaveGroup(this.context, request, asked.take);
    this.settle();
    return asked;
  }

  /** Error names of the members; of the request, where that fails. */
  leave(members: readonly LeavingMember[]): string[] {
    const { errorCode, members: left } = this.leaveGroup(members).answer;
    return errorCode === 0 ? left.map((member) => errorName(member.errorCode)) : [errorName(errorCode)];
  }

  /** Groups as `id: state`, sorted. */
  list(filter: Partial<ListGroupsRequest> = {}): string[] {
    const asked = new Asked<ListGroupsResponse>();
    this.groups.listGroups(this.context, makeListGroupsRequest(filter), asked.take);
    return asked.answer.groups.map(({ groupId, groupState }) => `${groupId}: ${groupState}`).toSorted();
  }

  describe(groupId = "g", apiVersion = 6): DescribeGroupsResponse.DescribedGroup {
    const asked = new Asked<DescribeGroupsResponse>();
    const request = makeDescribeGroupsRequest({ groups: [groupId] });
    this.groups.describeGroups({ ...this.context, apiVersion }, request, asked.take);
    return asked.answer.groups[0] as DescribeGroupsResponse.DescribedGroup;
  }

  /** Error names of the groups. */
  delete(...groupsNames: string[]): string[] {
    const asked = new Asked<DeleteGroupsResponse>();
    this.groups.deleteGroups(this.context, makeDeleteGroupsRequest({ groupsNames }), asked.take);
    this.settle();
    return asked.answer.results.map(({ errorCode }) => errorName(errorCode));
  }

  /** Error names of partition 0 of the topics; of the request, where that fails. */
  deleteOffsets(...topics: string[]): string[] {
    const asked = new Asked<OffsetDeleteResponse>();
    const partitions = [{ partitionIndex: 0 }];
    const request = makeOffsetDeleteRequest({
      groupId: "g",
      topics: topics.map((name) => ({ name, partitions })),
    });
    this.groups.deleteOffsets(this.context, request, asked.take);
    this.settle();
    const { errorCode, topics: answered } = asked.answer;
    if (errorCode !== 0) return [errorName(errorCode)];
    return answered.flatMap((topic) => topic.partitions.map((partition) => errorName(partition.errorCode)));
  }

  /** Error name of a heartbeat. */
  heartbeat(memberId: string, generationId: number, groupInstanceId: string | null = null): string {
    const asked = new Asked<HeartbeatResponse>();
    const request = makeHeartbeatRequest({ groupId: "g", memberId, generationId, groupInstanceId });
    this.groups.heartbeat(this.context, request, asked.take);
    this.settle();
    return errorName(asked.answer.errorCode);
  }

  /** Commits `offset` for t-0. */
  commitOffset(
    offset: number,
    fields: Partial<OffsetCommitRequest> = {},
    apiVersion = 9,
  ): Asked<OffsetCommitResponse> {
    const partition = {
      partitionIndex: 0,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: 3,
      committedMetadata: "m",
    };
    const topics = [{ name: "t", topicId: "AAAAAAAAAAAAAAAAAAAAAA" as never, partitions: [partition] }];
    const request = makeOffsetCommitRequest({ groupId: "g", topics, ...fields });
    const asked = new Asked<OffsetCommitResponse>();
    this.groups.commitOffsets({ ...this.context, apiVersion }, request, asked.take);
    this.settle();
    return asked;
  }

  /**
   * Committed offsets of a group as `topic-partition: offset`; an error's name instead where there is one.
   */
  offsets(groupId = "g", requireStable = false): Record<string, number | string> {
    const found: Record<string, number | string> = {};
    const groups = [{ groupId, memberId: null, memberEpoch: -1, topics: null }];
    this.groups.fetchOffsets(this.context, makeOffsetFetchRequest({ groups, requireStable }), (response) => {
      const [group] = response.groups;
      if (group === undefined || group.errorCode !== 0) throw new Error(JSON.stringify(response));
      for (const { name, partitions } of group.topics) {
        for (const { partitionIndex, committedOffset, errorCode } of partitions) {
          found[`${name}-${partitionIndex}`] =
            errorCode === 0 ? Number(committedOffset) : errorName(errorCode);
        }
      }
    });
    this.settle();
    return found;
  }

  /** What is in the log, decoded. */
  records(): GroupRecord[] {
    const codec = createGroupRecordCodec();
    const batches = this.log.batches.filter(({ bytes }) => !batchIsControl(bytes, 0));
    return batches.flatMap(({ bytes }) =>
      readRecords(bytes, 0, this.node.ports.zip).map(
        ({ key, value }) => codec.decode(key as Uint8Array, value) as GroupRecord,
      ),
    );
  }

  #newCoordinator(): LocalGroupCoordinator {
    return createGroupCoordinator({
      ports: this.node.ports,
      slices: new Slices(this.node.ports),
      config: this.config,
      partitionCount: () => 1,
      requestTurnEnd: () => this.#requestTurnEnd(),
      logger: new NotedLogger(),
    });
  }

  #requestTurnEnd(): void {
    if (this.#isTurnRequested) return;
    this.#isTurnRequested = true;
    this.node.ports.turn.atEnd(() => {
      this.#isTurnRequested = false;
      this.groups.flush();
      if (!this.commitsAtOnce || this.log.highWatermark === this.log.logEndOffset) return;
      this.log.highWatermark = this.log.logEndOffset;
      this.groups.highWatermarkMoved(0, this.log.highWatermark);
    });
  }
}

export function errorName(code: number): string {
  return errorForCode(code).name;
}
