// The committed offsets of a member: where to read on after an assignment, and commits of what it has read.
// One commit is under way at a time; answers to partitions that were given up meanwhile are dropped.
import {
  apiKeys,
  type ErrorSpec,
  errorForCode,
  errors,
  makeOffsetCommitRequest,
  makeOffsetCommitRequestOffsetCommitRequestPartition,
  makeOffsetCommitRequestOffsetCommitRequestTopic,
  makeOffsetFetchRequest,
  makeOffsetFetchRequestOffsetFetchRequestGroup,
  makeOffsetFetchRequestOffsetFetchRequestTopics,
  type OffsetFetchResponse,
} from "@ottla/protocol";
import type { MemberIdentity } from "../../group-history.ts";
import type { ApiConnection } from "../api-connection.ts";
import { expectedError, type GroupClientContext, outcomeOf } from "./group-client.ts";
import type { GroupMemberOptions } from "./group-member.ts";
import { keyOfPlace, type MemberPosition } from "./member-position.ts";
import type { TopicPartition } from "./subscription.ts";

/** The member whose offsets they are. */
export interface OffsetsOwner {
  readonly positions: ReadonlyMap<string, MemberPosition>;
  readonly identity: () => MemberIdentity;
  readonly isStable: () => boolean;
  /** It has the assignment of its generation: before, what it owns may be another's already. */
  readonly hasAssignment: () => boolean;
  /** A commit was refused for the membership's sake. */
  readonly membershipLost: (error: ErrorSpec) => void;
  /** Positions are known. */
  readonly readOn: () => void;
}

const OFFSET_FETCH_VERSION = 9;
const RETRY_MS_MAX = 100;
const SIDE_ONE_IN = 8;

const COMMIT_REFUSALS: readonly ErrorSpec[] = [
  errors.UNKNOWN_MEMBER_ID,
  errors.ILLEGAL_GENERATION,
  errors.REBALANCE_IN_PROGRESS,
  errors.FENCED_INSTANCE_ID,
  // Before version 9 of OffsetCommit there is no other word for a group that is gone.
  errors.GROUP_ID_NOT_FOUND,
];

/** What an answer to OffsetFetch names: offset and id of the commit, by key. */
export function foundOffsets(
  group: OffsetFetchResponse.OffsetFetchResponseGroup,
): [string, number, number][] {
  return group.topics.flatMap(({ name, partitions }) =>
    partitions
      .filter(({ committedOffset }) => committedOffset >= 0n)
      .map(({ partitionIndex, committedOffset, metadata }): [string, number, number] => [
        `${name}-${partitionIndex}`,
        Number(committedOffset),
        Number(metadata),
      ]),
  );
}

/** Topics of a request, by name. */
export function groupedByTopic<Item extends { readonly place: TopicPartition }>(
  items: Iterable<Item>,
): Map<string, Item[]> {
  const topics = new Map<string, Item[]>();
  for (const item of items) {
    const of = topics.get(item.place.topic);
    if (of === undefined) topics.set(item.place.topic, [item]);
    else of.push(item);
  }
  return topics;
}

/** Offsets to commit. */
interface Wish {
  readonly place: TopicPartition;
  readonly offset: number;
}

/** Reads and commits. */
export class MemberOffsets {
  readonly #context: GroupClientContext;
  readonly #options: GroupMemberOptions;
  readonly #owner: OffsetsOwner;
  readonly #connection: ApiConnection;
  #isFinding = false;
  #isCommitting = false;
  #waiting: (() => void)[] = [];
  #sideOffset = 0;

  constructor(
    context: GroupClientContext,
    options: GroupMemberOptions,
    owner: OffsetsOwner,
    connection: ApiConnection,
  ) {
    this.#context = context;
    this.#options = options;
    this.#owner = owner;
    this.#connection = connection;
  }

  /** Asks where to read on, for every partition where that is not known. */
  findPositions(): void {
    const unknown = [...this.#owner.positions.values()].filter(({ next }) => next < 0);
    if (unknown.length === 0 || this.#isFinding || !this.#connection.isUp) return;
    this.#isFinding = true;
    const { stamp, ports } = this.#context;
    const invokedAt = stamp();
    const topics = Array.from(groupedByTopic(unknown), ([name, of]) =>
      makeOffsetFetchRequestOffsetFetchRequestTopics({
        name,
        partitionIndexes: of.map(({ place }) => place.partition),
      }),
    );
    const group = makeOffsetFetchRequestOffsetFetchRequestGroup({ groupId: this.#options.group, topics });
    const request = makeOffsetFetchRequest({ groups: [group], requireStable: ports.random.below(2) === 0 });
    this.#connection.call(apiKeys.OffsetFetch, OFFSET_FETCH_VERSION, request, (response) => {
      this.#isFinding = false;
      const answer = response?.groups[0];
      if (answer !== undefined) this.#found(unknown, answer, invokedAt);
      const isMissing = [...this.#owner.positions.values()].some(({ next }) => next < 0);
      if (isMissing) ports.timers.set(1 + ports.random.below(RETRY_MS_MAX), () => this.findPositions());
      this.#owner.readOn();
    });
  }

  /** Commits what was read since. `done` when that has an outcome, or there is nothing to do. */
  commit(done: () => void): void {
    if (this.#isCommitting) {
      this.#waiting.push(() => this.commit(done));
      return;
    }
    const dirty = [...this.#owner.positions.values()].filter(
      ({ next, committing }) => next >= 0 && next !== committing,
    );
    if (dirty.length === 0 || !this.#connection.isUp || !this.#owner.hasAssignment()) {
      done();
      return;
    }
    const wishes = dirty.map(({ place, next }): Wish => ({ place, offset: next }));
    for (const position of dirty) position.committing = position.next;
    const { sidePlace } = this.#options;
    if (sidePlace !== null && this.#context.ports.random.below(SIDE_ONE_IN) === 0) {
      wishes.push({ place: sidePlace, offset: this.#sideOffset++ });
    }
    this.#isCommitting = true;
    this.#send(wishes, (isOk) => {
      this.#isCommitting = false;
      if (!isOk) for (const position of dirty) position.committing = -1;
      done();
      for (const next of this.#waiting.splice(0)) next();
    });
  }

  #found(
    asked: readonly MemberPosition[],
    answer: OffsetFetchResponse.OffsetFetchResponseGroup,
    invokedAt: number,
  ): void {
    if (expectedError(answer.errorCode, "OffsetFetch", []) !== errors.NONE) return;
    const { process, recordGroup, nowMs } = this.#context;
    const { group } = this.#options;
    for (const { partitions } of answer.topics) {
      for (const { errorCode } of partitions) expectedError(errorCode, "OffsetFetch of a partition", []);
    }
    const found = foundOffsets(answer);
    const keys = asked.map(({ key }) => key);
    recordGroup({ f: "offsets", process, group, asked: keys, found, invokedAt, timeMs: nowMs() });
    const offsets = new Map(found.map(([key, offset]) => [key, offset]));
    for (const position of asked) {
      if (this.#owner.positions.get(position.key) !== position) continue;
      // Without a committed offset it begins at the log's start.
      position.next = offsets.get(position.key) ?? 0;
      position.committing = offsets.has(position.key) ? position.next : -1;
    }
  }

  #send(wishes: readonly Wish[], done: (isOk: boolean) => void): void {
    const { recordGroup, nowMs, nextId } = this.#context;
    const identity = this.#owner.identity();
    const id = nextId();
    const offsets = wishes.map(({ place, offset }): [string, number] => [keyOfPlace(place), offset]);
    const tell = (type: "invoke" | "ok" | "fail" | "info"): void =>
      recordGroup({ f: "commit", type, ...identity, id, offsets, timeMs: nowMs() });
    const topics = Array.from(groupedByTopic(wishes), ([name, of]) =>
      makeOffsetCommitRequestOffsetCommitRequestTopic({
        name,
        partitions: of.map(({ place, offset }) =>
          makeOffsetCommitRequestOffsetCommitRequestPartition({
            partitionIndex: place.partition,
            committedOffset: BigInt(offset),
            committedMetadata: String(id),
          }),
        ),
      }),
    );
    const request = makeOffsetCommitRequest({
      groupId: this.#options.group,
      generationIdOrMemberEpoch: identity.generation,
      memberId: identity.memberId,
      groupInstanceId: identity.instanceId,
      topics,
    });
    const version = this.#connection.version(apiKeys.OffsetCommit, this.#options.commitVersion);
    tell("invoke");
    this.#connection.call(apiKeys.OffsetCommit, version, request, (response) => {
      if (response === null) {
        tell("info");
        done(false);
        return;
      }
      const codes = new Set(
        response.topics.flatMap((topic) => topic.partitions.map(({ errorCode }) => errorCode)),
      );
      const [code] = codes;
      if (code === undefined || codes.size > 1)
        throw new Error(`a commit was answered ${[...codes].join(" ")}`);
      const error = expectedError(code, "OffsetCommit", COMMIT_REFUSALS);
      tell(outcomeOf(error));
      this.#refused(error, identity);
      done(error === errors.NONE);
    });
  }

  #refused(error: ErrorSpec, asked: MemberIdentity): void {
    const { memberId, generation } = this.#owner.identity();
    if (memberId !== asked.memberId || generation !== asked.generation) return;
    if (error === errors.GROUP_ID_NOT_FOUND) this.#owner.membershipLost(errors.UNKNOWN_MEMBER_ID);
    else if (COMMIT_REFUSALS.includes(error)) this.#owner.membershipLost(errorForCode(error.code));
  }
}
