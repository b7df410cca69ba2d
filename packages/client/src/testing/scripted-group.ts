// A classic group coordinator for scripted clusters, in its simplest correct form: members join, the group
// waits for all of them or their rebalance timeout, the leader assigns, heartbeats keep sessions. It checks
// what a coordinator may rely on, and keeps what a test looks at. Offsets live beside it and survive a move
// to another node; members and generation do, too.

import type { TimerHandle } from "@ottla/ports";
import {
  apiKeys,
  type ErrorSpec,
  errors,
  type JoinGroupRequest,
  type JoinGroupResponse,
  makeFindCoordinatorResponse,
  makeFindCoordinatorResponseCoordinator,
  makeHeartbeatResponse,
  makeJoinGroupResponse,
  makeJoinGroupResponseJoinGroupResponseMember,
  makeLeaveGroupResponse,
  makeOffsetCommitResponse,
  makeOffsetFetchResponse,
  makeOffsetFetchResponseOffsetFetchResponseGroup,
  makeOffsetFetchResponseOffsetFetchResponsePartitions,
  makeOffsetFetchResponseOffsetFetchResponseTopics,
  makeSyncGroupResponse,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type SyncGroupResponse,
} from "@ottla/protocol";
import type { ScriptedCluster } from "./scripted-cluster.ts";

interface Member {
  readonly id: string;
  readonly protocols: readonly JoinGroupRequest.JoinGroupRequestProtocol[];
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  join: ((response: JoinGroupResponse) => void) | null;
  sync: ((response: SyncGroupResponse) => void) | null;
  session: TimerHandle | null;
}

const PORT = 9092;

export class ScriptedGroup {
  /** The node that coordinates. */
  coordinatorId: number;
  generationId = 0;
  /** Committed offsets by "topic-partition". */
  readonly committed: Map<string, number> = new Map();
  /** What happened, in order. */
  readonly events: string[] = [];
  /** An error instead of an answer to any group request. */
  fault: ((api: string, memberId: string) => ErrorSpec | null) | null = null;
  readonly #cluster: ScriptedCluster;
  readonly #members = new Map<string, Member>();
  readonly #pendingIds = new Set<string>();
  #state: "empty" | "joining" | "syncing" | "stable" = "empty";
  #leaderId = "";
  #assignments = new Map<string, Uint8Array>();
  #joinTimer: TimerHandle | null = null;
  #ids = 0;

  constructor(cluster: ScriptedCluster, coordinatorId: number) {
    this.#cluster = cluster;
    this.coordinatorId = coordinatorId;
    cluster.on(apiKeys.FindCoordinator, ({ request }) =>
      makeFindCoordinatorResponse({
        coordinators: request.coordinatorKeys.map((key) =>
          makeFindCoordinatorResponseCoordinator({
            key,
            nodeId: this.coordinatorId,
            host: `broker-${this.coordinatorId}`,
            port: PORT,
          }),
        ),
      }),
    );
    cluster.on(apiKeys.JoinGroup, ({ nodeId, request, answer }) => {
      const { memberId } = request;
      const refused = this.#refusal("join", nodeId, memberId);
      if (refused !== null) return makeJoinGroupResponse({ errorCode: refused.code });
      return this.#join(request, answer);
    });
    cluster.on(apiKeys.SyncGroup, ({ nodeId, request, answer }) => {
      const { memberId, generationId } = request;
      const refused = this.#refusal("sync", nodeId, memberId) ?? this.#memberRefusal(memberId, generationId);
      if (refused !== null) return makeSyncGroupResponse({ errorCode: refused.code });
      if (this.#state === "joining") {
        return makeSyncGroupResponse({ errorCode: errors.REBALANCE_IN_PROGRESS.code });
      }
      this.#members.get(memberId)!.sync = answer;
      if (memberId === this.#leaderId && this.#state === "syncing") {
        this.#assignments = new Map(request.assignments.map((each) => [each.memberId, each.assignment]));
        this.#state = "stable";
      }
      // The handler's word comes first, the answer behind it.
      if (this.#state === "stable") cluster.client.ports.turn.atEnd(() => this.#answerSyncs());
      return "later";
    });
    cluster.on(apiKeys.Heartbeat, ({ nodeId, request }) => {
      const { memberId, generationId } = request;
      let refused =
        this.#refusal("heartbeat", nodeId, memberId) ?? this.#memberRefusal(memberId, generationId);
      if (refused === null) this.#touch(memberId);
      if (refused === null && this.#state === "joining") refused = errors.REBALANCE_IN_PROGRESS;
      return makeHeartbeatResponse({ errorCode: refused?.code ?? 0 });
    });
    this.#answerOffsets();
    this.#answerLeave();
  }

  /** All members have the assignment of this generation. */
  get isStable(): boolean {
    return this.#state === "stable";
  }

  get memberIds(): string[] {
    return [...this.#members.keys()];
  }

  /** Takes a member out, as when its session has ended. */
  expire(memberId: string): void {
    this.events.push(`expire ${memberId}`);
    this.#remove(memberId);
  }

  #answerLeave(): void {
    this.#cluster.on(apiKeys.LeaveGroup, ({ nodeId, request }) => {
      const refused = this.#refusal("leave", nodeId, "");
      if (refused !== null) return makeLeaveGroupResponse({ errorCode: refused.code });
      for (const { memberId } of request.members) {
        this.events.push(`leave ${memberId}`);
        this.#remove(memberId);
      }
      return makeLeaveGroupResponse({ members: request.members.map((each) => ({ ...each, errorCode: 0 })) });
    });
  }

  #answerOffsets(): void {
    const cluster = this.#cluster;
    cluster.on(apiKeys.OffsetCommit, ({ nodeId, request }) => this.#commit(nodeId, request));
    cluster.on(apiKeys.OffsetFetch, ({ nodeId, request }) =>
      makeOffsetFetchResponse({
        groups: request.groups.map(({ groupId, topics }) =>
          makeOffsetFetchResponseOffsetFetchResponseGroup({
            groupId,
            errorCode: this.#refusal("offsets", nodeId, "")?.code ?? 0,
            topics: (topics ?? []).map(({ name, partitionIndexes }) =>
              makeOffsetFetchResponseOffsetFetchResponseTopics({
                name,
                partitions: partitionIndexes.map((partitionIndex) =>
                  makeOffsetFetchResponseOffsetFetchResponsePartitions({
                    partitionIndex,
                    committedOffset: BigInt(this.committed.get(`${name}-${partitionIndex}`) ?? -1),
                    metadata: "",
                  }),
                ),
              }),
            ),
          }),
        ),
      }),
    );
  }

  #refusal(api: string, nodeId: number, memberId: string): ErrorSpec | null {
    const fault = this.fault?.(api, memberId) ?? null;
    if (fault !== null) return fault;
    return nodeId === this.coordinatorId ? null : errors.NOT_COORDINATOR;
  }

  #memberRefusal(memberId: string, generationId: number): ErrorSpec | null {
    if (!this.#members.has(memberId)) return errors.UNKNOWN_MEMBER_ID;
    return generationId === this.generationId ? null : errors.ILLEGAL_GENERATION;
  }

  #join(
    request: JoinGroupRequest,
    answer: (response: JoinGroupResponse) => void,
  ): JoinGroupResponse | "later" {
    let { memberId } = request;
    if (memberId === "") {
      this.#ids += 1;
      memberId = `m${this.#ids}`;
      this.#pendingIds.add(memberId);
      return makeJoinGroupResponse({ errorCode: errors.MEMBER_ID_REQUIRED.code, memberId });
    }
    if (!this.#members.has(memberId) && !this.#pendingIds.has(memberId)) {
      return makeJoinGroupResponse({ errorCode: errors.UNKNOWN_MEMBER_ID.code });
    }
    this.#pendingIds.delete(memberId);
    this.events.push(`join ${memberId}`);
    const known = this.#members.get(memberId);
    known?.sync?.(makeSyncGroupResponse({ errorCode: errors.REBALANCE_IN_PROGRESS.code }));
    if (known !== undefined) this.#stop(known.session);
    this.#members.set(memberId, {
      id: memberId,
      protocols: request.protocols,
      sessionMs: request.sessionTimeoutMs,
      rebalanceMs: request.rebalanceTimeoutMs,
      join: answer,
      sync: null,
      session: null,
    });
    this.#cluster.client.ports.turn.atEnd(() => this.#beginJoining());
    return "later";
  }

  #beginJoining(): void {
    if (this.#state !== "joining") {
      this.#state = "joining";
      for (const member of this.#members.values()) {
        member.sync?.(makeSyncGroupResponse({ errorCode: errors.REBALANCE_IN_PROGRESS.code }));
        member.sync = null;
      }
      const rebalanceMs = Math.max(...[...this.#members.values()].map((member) => member.rebalanceMs));
      this.#stop(this.#joinTimer);
      this.#joinTimer = this.#cluster.client.ports.timers.set(rebalanceMs, () => this.#completeJoin(true));
    }
    this.#completeJoin(false);
  }

  #completeJoin(isLate: boolean): void {
    if (this.#state !== "joining") return;
    const members = [...this.#members.values()];
    if (!isLate && members.some(({ join }) => join === null)) return;
    for (const member of members.filter(({ join }) => join === null)) {
      this.events.push(`too late ${member.id}`);
      this.#stop(member.session);
      this.#members.delete(member.id);
    }
    this.#stop(this.#joinTimer);
    this.#joinTimer = null;
    if (this.#members.size === 0) {
      this.#state = "empty";
      return;
    }
    this.generationId += 1;
    this.#state = "syncing";
    if (!this.#members.has(this.#leaderId)) this.#leaderId = [...this.#members.keys()][0]!;
    const protocolName = this.#protocol();
    this.events.push(`generation ${this.generationId}: ${[...this.#members.keys()].join(",")}`);
    for (const member of this.#members.values()) {
      const isLeader = member.id === this.#leaderId;
      member.join?.(
        makeJoinGroupResponse({
          generationId: this.generationId,
          protocolType: "consumer",
          protocolName,
          leader: this.#leaderId,
          memberId: member.id,
          members: isLeader ? this.#joinedMembers(protocolName) : [],
        }),
      );
      member.join = null;
      this.#touch(member.id);
    }
  }

  #protocol(): string {
    const [first, ...others] = [...this.#members.values()];
    const common = first!.protocols.find(({ name }) =>
      others.every(({ protocols }) => protocols.some((each) => each.name === name)),
    );
    if (common === undefined) throw new Error("the members have no protocol in common");
    return common.name;
  }

  #joinedMembers(protocolName: string): JoinGroupResponse.JoinGroupResponseMember[] {
    return [...this.#members.values()].map(({ id: memberId, protocols }) =>
      makeJoinGroupResponseJoinGroupResponseMember({
        memberId,
        metadata: protocols.find(({ name }) => name === protocolName)!.metadata,
      }),
    );
  }

  #answerSyncs(): void {
    for (const member of this.#members.values()) {
      const assignment = this.#assignments.get(member.id) ?? new Uint8Array(0);
      member.sync?.(makeSyncGroupResponse({ assignment }));
      member.sync = null;
    }
  }

  #touch(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member === undefined) return;
    this.#stop(member.session);
    member.session = this.#cluster.client.ports.timers.set(member.sessionMs, () => {
      if (this.#members.get(memberId) === member && member.join === null) this.expire(memberId);
    });
  }

  #remove(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member === undefined) return;
    this.#stop(member.session);
    this.#members.delete(memberId);
    if (this.#members.size === 0) this.#state = "empty";
    else this.#beginJoining();
  }

  #commit(nodeId: number, request: OffsetCommitRequest): OffsetCommitResponse {
    const { memberId, generationIdOrMemberEpoch: generationId } = request;
    const isSimple = memberId === "" && generationId < 0;
    const refused =
      this.#refusal("commit", nodeId, memberId) ??
      (isSimple && this.#members.size === 0 ? null : this.#memberRefusal(memberId, generationId));
    for (const { name, partitions } of refused === null ? request.topics : []) {
      for (const { partitionIndex, committedOffset } of partitions) {
        this.committed.set(`${name}-${partitionIndex}`, Number(committedOffset));
      }
    }
    if (refused === null) this.events.push(`commit ${memberId}`);
    return makeOffsetCommitResponse({
      topics: request.topics.map(({ name, topicId, partitions }) => ({
        name,
        topicId,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: refused?.code ?? 0,
        })),
      })),
    });
  }

  #stop(timer: TimerHandle | null): void {
    if (timer !== null) this.#cluster.client.ports.timers.clear(timer);
  }
}
