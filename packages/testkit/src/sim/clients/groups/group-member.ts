// A member of a consumer group as Apache Kafka's client behaves (classic protocol): joins, leads when told
// to, syncs, heartbeats, reads on from the committed offsets, commits, and joins anew when told to. Eager
// or cooperative, dynamic or static. What a member must not meet ends the run. Not here: reading records
// (member-reader.ts).
import {
  apiKeys,
  type ErrorSpec,
  errors,
  type JoinGroupResponse,
  makeFindCoordinatorRequest,
  makeHeartbeatRequest,
  makeJoinGroupRequest,
  makeLeaveGroupRequest,
  makeLeaveGroupRequestMemberIdentity,
  makeSyncGroupRequest,
} from "@ottla/protocol";
import type { MemberIdentity } from "../../group-history.ts";
import { ApiConnection } from "../api-connection.ts";
import { assignPartitions } from "./assign-partitions.ts";
import { expectedError, type GroupClientContext, isTransient } from "./group-client.ts";
import { MemberOffsets } from "./member-offsets.ts";
import { keyOfPlace, type MemberPosition } from "./member-position.ts";
import { MemberReader } from "./member-reader.ts";
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type TopicPartition,
} from "./subscription.ts";

/** How a member behaves. */
export interface GroupMemberOptions {
  readonly group: string;
  readonly instanceId: string | null;
  readonly topics: readonly string[];
  readonly isCooperative: boolean;
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  readonly heartbeatMs: number;
  /** Asks for another generation after its first. */
  readonly joinsTwice: boolean;
  readonly joinVersion: number;
  readonly commitVersion: number;
  readonly commitMode: "sync" | "async";
  /** Commits what it has read before it joins anew. */
  readonly commitsBeforeJoin: boolean;
  /** An offset it commits now and then of a topic that its group does not subscribe to. */
  readonly sidePlace: TopicPartition | null;
  readonly readPauseMsMax: number;
}

const PROTOCOL_TYPE = "consumer";
const RETRY_MS_MAX = 150;
/** Beyond the rebalance timeout a join is answered. */
const JOIN_SLACK_MS = 5000;
const STATIC_MEMBERS_SINCE = 5;

const MEMBERSHIP_LOST: readonly ErrorSpec[] = [
  errors.UNKNOWN_MEMBER_ID,
  errors.ILLEGAL_GENERATION,
  errors.REBALANCE_IN_PROGRESS,
  errors.FENCED_INSTANCE_ID,
];

type State = "seeking" | "out" | "joined" | "stable" | "ended";

/** A member. */
export class GroupMember {
  readonly #context: GroupClientContext;
  readonly #options: GroupMemberOptions;
  readonly #coordinator: ApiConnection;
  readonly #offsets: MemberOffsets;
  readonly #reader: MemberReader;
  readonly positions: Map<string, MemberPosition> = new Map();
  #state: State = "seeking";
  #memberId = "";
  #generation = -1;
  /** Of the last assignment; what it owned counts as of then. */
  #ownedGeneration = -1;
  #join: JoinGroupResponse | null = null;
  #isAsking = false;
  #isHeartbeatDue = false;
  #isRetryDue = false;
  #isFenced = false;
  #hasSynced = false;
  #busyUntilMs = 0;
  /** Partitions it knew of when it joined. */
  #partitionsTold = 0;

  constructor(context: GroupClientContext, options: GroupMemberOptions) {
    this.#context = context;
    this.#options = options;
    const { ports, host, port, process } = context;
    this.#coordinator = new ApiConnection({
      ports,
      host,
      port,
      clientId: process,
      requestTimeoutMs: options.rebalanceMs + JOIN_SLACK_MS,
      onUp: () => {
        this.#go();
        this.#offsets.findPositions();
      },
    });
    const owner = {
      positions: this.positions,
      identity: () => this.identity,
      isStable: () => this.#state === "stable",
      hasAssignment: () => this.#generation === this.#ownedGeneration,
      membershipLost: (error: ErrorSpec) => this.#lost(error),
      readOn: () => this.#reader.readOn(),
    };
    this.#offsets = new MemberOffsets(context, options, owner, this.#coordinator);
    this.#reader = new MemberReader(context, options, {
      positions: this.positions,
      isBusy: () => this.#isBusy,
      commit: (done) => this.#offsets.commit(done),
      topicsGrew: () => this.#topicsGrew(),
    });
    this.#heartbeatLater();
  }

  get identity(): MemberIdentity {
    const { group, instanceId } = this.#options;
    const { process } = this.#context;
    return { process, group, instanceId, memberId: this.#memberId, generation: this.#generation };
  }

  get isStable(): boolean {
    return this.#state === "stable" && this.#reader.partitionsKnown <= this.#partitionsTold;
  }

  /** A twin has taken its place: it is over. */
  get isFenced(): boolean {
    return this.#isFenced;
  }

  get isEnded(): boolean {
    return this.#state === "ended";
  }

  /** For a run that does not end. */
  get status(): string {
    const { group, process, memberId, generation } = this.identity;
    const places = [...this.positions.values()].map(({ key, next }) => `${key}@${next}`);
    const flags = `asking ${this.#isAsking}, up ${this.#coordinator.isUp}`;
    return `${group} ${process} ${memberId} ${this.#state} in ${generation}, ${flags}, ${places.join(" ")}`;
  }

  /** Works on what it has read for so long: it hears of rebalances but does not join. */
  beBusy(ms: number, leavesGroup: boolean): void {
    this.#busyUntilMs = this.#context.nowMs() + ms;
    const { timers } = this.#context.ports;
    if (leavesGroup) timers.set(Math.min(ms, this.#options.rebalanceMs), () => this.#leaveWhenLate());
    timers.set(ms, () => {
      this.#go();
      this.#reader.readOn();
    });
  }

  /** Goes of its own will; a static member just ends. */
  leave(): void {
    if (this.#state === "ended") return;
    this.#tellGone();
    if (this.#options.instanceId === null) this.#sendLeave();
    this.#end();
  }

  close(): void {
    this.#end();
    this.#coordinator.close();
    this.#reader.close();
  }

  get #isBusy(): boolean {
    return this.#context.nowMs() < this.#busyUntilMs;
  }

  #end(): void {
    this.#state = "ended";
    this.positions.clear();
    // What was sent last is to get there.
    this.#context.ports.timers.set(RETRY_MS_MAX, () => this.close());
  }

  #go(): void {
    if (this.#isAsking || !this.#coordinator.isUp || this.#isBusy) return;
    if (this.#state === "seeking") this.#seek();
    // Who cannot tell how many partitions there are cannot lead.
    else if (this.#state === "out" && this.#reader.partitionsKnown > 0) this.#prepareJoin();
    else if (this.#state === "joined") this.#sync(this.#join as JoinGroupResponse);
  }

  #goLater(): void {
    if (this.#isRetryDue) return;
    this.#isRetryDue = true;
    const { timers, random } = this.#context.ports;
    timers.set(1 + random.below(RETRY_MS_MAX), () => {
      this.#isRetryDue = false;
      this.#go();
    });
  }

  #seek(): void {
    this.#isAsking = true;
    const { group } = this.#options;
    const request = makeFindCoordinatorRequest({ keyType: 0, coordinatorKeys: [group] });
    this.#coordinator.call(apiKeys.FindCoordinator, 4, request, (response) => {
      this.#isAsking = false;
      const found = response?.coordinators[0];
      if (found !== undefined) {
        const error = expectedError(found.errorCode, "FindCoordinator", []);
        if (error === errors.NONE && this.#state === "seeking") this.#state = "out";
      }
      this.#goLater();
    });
  }

  #prepareJoin(): void {
    const { commitsBeforeJoin, isCooperative } = this.#options;
    if (!commitsBeforeJoin || this.positions.size === 0 || this.#generation < 0) {
      if (!isCooperative) this.positions.clear();
      this.#askToJoin();
      return;
    }
    this.#isAsking = true;
    this.#offsets.commit(() => {
      this.#isAsking = false;
      if (!isCooperative) this.positions.clear();
      // The commit may have told that there is no membership any more.
      if (this.#state === "out" && this.#coordinator.isUp) this.#askToJoin();
      else this.#goLater();
    });
  }

  #askToJoin(): void {
    this.#isAsking = true;
    const { group, topics, sessionMs, rebalanceMs, isCooperative, joinVersion, instanceId } = this.#options;
    const version = this.#coordinator.version(
      apiKeys.JoinGroup,
      Math.max(joinVersion, instanceId === null ? 0 : STATIC_MEMBERS_SINCE),
    );
    this.#partitionsTold = this.#reader.partitionsKnown;
    const metadata = encodeSubscription({
      topics,
      owned: isCooperative ? [...this.positions.values()].map(({ place }) => place) : [],
      generation: this.#ownedGeneration,
      partitionsKnown: this.#partitionsTold,
    });
    const invokedAt = this.#context.stamp();
    const request = makeJoinGroupRequest({
      groupId: group,
      sessionTimeoutMs: sessionMs,
      rebalanceTimeoutMs: rebalanceMs,
      memberId: this.#memberId,
      groupInstanceId: instanceId,
      protocolType: PROTOCOL_TYPE,
      protocols: [{ name: isCooperative ? "cooperative-sim" : "eager-sim", metadata }],
    });
    this.#coordinator.call(apiKeys.JoinGroup, version, request, (response) => {
      this.#isAsking = false;
      if (response !== null && this.#state === "out") this.#joined(response, invokedAt);
      this.#goLater();
    });
  }

  #joined(response: JoinGroupResponse, invokedAt: number): void {
    const { errorCode, memberId, generationId } = response;
    const expected = [errors.MEMBER_ID_REQUIRED, ...MEMBERSHIP_LOST];
    const error = expectedError(errorCode, "JoinGroup", expected);
    if (error === errors.MEMBER_ID_REQUIRED) this.#memberId = memberId;
    else if (MEMBERSHIP_LOST.includes(error)) this.#lost(error);
    if (error !== errors.NONE) return;
    this.#memberId = memberId;
    this.#generation = generationId;
    this.#join = response;
    this.#state = "joined";
    const { recordGroup, nowMs } = this.#context;
    recordGroup({ f: "join", ...this.identity, invokedAt, timeMs: nowMs() });
  }

  #sync(join: JoinGroupResponse): void {
    this.#isAsking = true;
    const { group, instanceId } = this.#options;
    const version = this.#coordinator.version(apiKeys.SyncGroup, 5);
    const request = makeSyncGroupRequest({
      groupId: group,
      generationId: this.#generation,
      memberId: this.#memberId,
      groupInstanceId: instanceId,
      protocolType: PROTOCOL_TYPE,
      protocolName: join.protocolName,
      assignments: join.leader === join.memberId && !join.skipAssignment ? this.#assign(join) : [],
    });
    const invokedAt = this.#context.stamp();
    const invokedMs = this.#context.nowMs();
    this.#coordinator.call(apiKeys.SyncGroup, version, request, (response) => {
      this.#isAsking = false;
      if (response !== null && this.#state === "joined") {
        const error = expectedError(response.errorCode, "SyncGroup", MEMBERSHIP_LOST);
        if (error === errors.NONE) this.#synced(decodeAssignment(response.assignment), invokedAt, invokedMs);
        else if (!isTransient(error)) this.#lost(error);
        else this.#state = "out";
      } else if (this.#state === "joined") this.#state = "out";
      this.#goLater();
    });
  }

  #assign(join: JoinGroupResponse) {
    const members = join.members.map(({ memberId, metadata }) => ({
      memberId,
      subscription: decodeSubscription(metadata),
    }));
    const assigned = assignPartitions(members, this.#reader.counts, this.#options.isCooperative);
    return [...assigned].map(([memberId, places]) => ({ memberId, assignment: encodeAssignment(places) }));
  }

  #synced(places: readonly TopicPartition[], invokedAt: number, invokedMs: number): void {
    const { isCooperative, sessionMs } = this.#options;
    const { recordGroup, nowMs } = this.#context;
    this.#state = "stable";
    this.#ownedGeneration = this.#generation;
    const keys = places.map(keyOfPlace);
    recordGroup({ f: "sync", ...this.identity, keys, sessionMs, invokedAt, invokedMs, timeMs: nowMs() });
    const kept = new Set(isCooperative ? keys : []);
    const mustLetGo = [...this.positions.keys()].filter((key) => !kept.has(key));
    for (const key of mustLetGo) this.positions.delete(key);
    for (const place of places) {
      const key = keyOfPlace(place);
      if (!this.positions.has(key)) this.positions.set(key, { place, key, next: -1, committing: -1 });
    }
    // Who had to let go asks for the next generation, in which others get what it had.
    if (isCooperative && mustLetGo.length > 0) this.#state = "out";
    if (this.#reader.partitionsKnown > this.#partitionsTold) this.#state = "out";
    if (this.#options.joinsTwice && !this.#hasSynced) this.#state = "out";
    this.#hasSynced = true;
    this.#offsets.findPositions();
    // What it read while it waited for its assignment and still owns.
    this.#offsets.commit(() => {});
    this.#reader.readOn();
  }

  #topicsGrew(): void {
    if (this.#state === "stable") this.#state = "out";
    this.#go();
  }

  #heartbeatLater(): void {
    this.#context.ports.timers.set(this.#options.heartbeatMs, () => {
      if (this.#state === "ended") return;
      if (this.#state === "stable" && this.#coordinator.isUp && !this.#isHeartbeatDue) this.#heartbeat();
      this.#heartbeatLater();
    });
  }

  #heartbeat(): void {
    this.#isHeartbeatDue = true;
    const { group, instanceId, sessionMs } = this.#options;
    const { recordGroup, stamp, nowMs } = this.#context;
    const { identity } = this;
    const invokedAt = stamp();
    const invokedMs = nowMs();
    const request = makeHeartbeatRequest({
      groupId: group,
      generationId: this.#generation,
      memberId: this.#memberId,
      groupInstanceId: instanceId,
    });
    this.#coordinator.call(apiKeys.Heartbeat, 4, request, (response) => {
      this.#isHeartbeatDue = false;
      if (response === null) return;
      const error = expectedError(response.errorCode, "Heartbeat", MEMBERSHIP_LOST);
      if (error === errors.NONE)
        recordGroup({ f: "heartbeat", ...identity, sessionMs, invokedAt, invokedMs, timeMs: nowMs() });
      const isPresent = identity.memberId === this.#memberId && identity.generation === this.#generation;
      if (isPresent && MEMBERSHIP_LOST.includes(error)) this.#lost(error);
    });
  }

  /** What an answer says about the membership. */
  #lost(error: ErrorSpec): void {
    if (this.#state === "ended") return;
    if (error === errors.FENCED_INSTANCE_ID) {
      this.#isFenced = true;
      this.#end();
      return;
    }
    if (error !== errors.REBALANCE_IN_PROGRESS) {
      this.positions.clear();
      this.#generation = -1;
      this.#ownedGeneration = -1;
    }
    if (error === errors.UNKNOWN_MEMBER_ID) this.#memberId = "";
    this.#state = "out";
    this.#goLater();
  }

  /** As the client's heartbeat thread does when the application is slow. */
  #leaveWhenLate(): void {
    if (this.#state !== "stable" || !this.#isBusy || this.#options.instanceId !== null) return;
    this.#tellGone();
    this.#sendLeave();
    this.#lost(errors.UNKNOWN_MEMBER_ID);
  }

  #tellGone(): void {
    const { process, recordGroup, nowMs } = this.#context;
    recordGroup({ f: "gone", process, group: this.#options.group, timeMs: nowMs() });
  }

  #sendLeave(): void {
    if (this.#memberId === "" || !this.#coordinator.isUp) return;
    const { group } = this.#options;
    const members = [makeLeaveGroupRequestMemberIdentity({ memberId: this.#memberId })];
    const request = makeLeaveGroupRequest({ groupId: group, members });
    const version = this.#coordinator.version(apiKeys.LeaveGroup, 5);
    this.#coordinator.call(apiKeys.LeaveGroup, version, request, (response) => {
      if (response !== null) expectedError(response.errorCode, "LeaveGroup", []);
    });
  }
}
