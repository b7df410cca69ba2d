// An administrator of offsets: commits for groups without members (KIP-88's simple consumers), deletes single
// offsets, and deletes whole groups.
import {
  apiKeys,
  type ErrorSpec,
  errorForCode,
  errors,
  makeDeleteGroupsRequest,
  makeOffsetCommitRequest,
  makeOffsetCommitRequestOffsetCommitRequestPartition,
  makeOffsetCommitRequestOffsetCommitRequestTopic,
  makeOffsetDeleteRequest,
} from "@ottla/protocol";
import { ApiConnection } from "../api-connection.ts";
import { expectedError, type GroupClientContext, outcomeOf } from "./group-client.ts";
import { groupedByTopic } from "./member-offsets.ts";
import { keyOfPlace } from "./member-position.ts";
import type { TopicPartition } from "./subscription.ts";

/** What it works on. */
export interface OffsetChangerOptions {
  readonly simpleGroups: readonly string[];
  readonly memberGroups: readonly string[];
  /** Places of the offsets of simple groups. */
  readonly places: readonly TopicPartition[];
  /** Places that no group subscribes to. */
  readonly sidePlaces: readonly TopicPartition[];
  readonly pauseMsMax: number;
  /** One in so many changes deletes an offset; 0: none. */
  readonly deleteOneIn: number;
  /** One in so many changes deletes a group; 0: none. */
  readonly deleteGroupOneIn: number;
}

const COMMIT_VERSION = 9;
const OFFSETS_PER_COMMIT_MAX = 3;

/** Refusals that a change may meet: the group has members, or is none. */
const REFUSALS: readonly ErrorSpec[] = [
  errors.NON_EMPTY_GROUP,
  errors.GROUP_ID_NOT_FOUND,
  errors.GROUP_SUBSCRIBED_TO_TOPIC,
  errors.UNKNOWN_MEMBER_ID,
];

/** An administrator. */
export class OffsetChanger {
  readonly #context: GroupClientContext;
  readonly #options: OffsetChangerOptions;
  readonly #connection: ApiConnection;
  readonly #forgotten: { readonly group: string; done: boolean } | null;
  #isBusy = false;
  #isClosed = false;
  #nextOffset = 0;

  /** `forgottenGroup` gets one commit in the beginning and none after that. */
  constructor(context: GroupClientContext, options: OffsetChangerOptions, forgottenGroup: string | null) {
    this.#context = context;
    this.#options = options;
    this.#forgotten = forgottenGroup === null ? null : { group: forgottenGroup, done: false };
    const { ports, host, port, process, requestTimeoutMs } = context;
    this.#connection = new ApiConnection({
      ports,
      host,
      port,
      clientId: process,
      requestTimeoutMs,
      onUp: () => this.#change(),
    });
  }

  get status(): string {
    return `changer up ${this.#connection.isUp}, busy ${this.#isBusy}`;
  }

  /** The forgotten group, if any, has its offset. */
  get hasForgotten(): boolean {
    return this.#forgotten?.done ?? true;
  }

  /** No more changes. */
  stop(): void {
    this.#isClosed = true;
  }

  close(): void {
    this.#isClosed = true;
    this.#connection.close();
  }

  #changeLater(): void {
    const { timers, random } = this.#context.ports;
    timers.set(1 + random.below(this.#options.pauseMsMax), () => this.#change());
  }

  #change(): void {
    if (this.#isBusy || this.#isClosed || !this.#connection.isUp) return;
    this.#isBusy = true;
    const { random } = this.#context.ports;
    const { simpleGroups, memberGroups, places, sidePlaces, deleteOneIn, deleteGroupOneIn } = this.#options;
    const pick = <Item>(items: readonly Item[]): Item => items[random.below(items.length)] as Item;
    if (this.#forgotten?.done === false) {
      this.#commit(this.#forgotten.group, [pick(places)]);
    } else if (deleteGroupOneIn > 0 && random.below(deleteGroupOneIn) === 0) {
      this.#deleteGroup(pick([...simpleGroups, ...memberGroups]));
    } else if (deleteOneIn > 0 && random.below(deleteOneIn) === 0) {
      if (random.below(2) === 0) this.#deleteOffset(pick(simpleGroups), pick(places));
      else this.#deleteOffset(pick(memberGroups), pick(sidePlaces));
    } else {
      const count = 1 + random.below(OFFSETS_PER_COMMIT_MAX);
      this.#commit(pick(simpleGroups), [...new Set(Array.from({ length: count }, () => pick(places)))]);
    }
  }

  #commit(group: string, places: readonly TopicPartition[]): void {
    const { process, recordGroup, nowMs, nextId } = this.#context;
    const id = nextId();
    const offset = this.#nextOffset++;
    const offsets = places.map((place): [string, number] => [keyOfPlace(place), offset]);
    const identity = { process, group, instanceId: null, memberId: "", generation: -1 };
    const tell = (type: "invoke" | "ok" | "fail" | "info"): void =>
      recordGroup({ f: "commit", type, ...identity, id, offsets, timeMs: nowMs() });
    const topics = Array.from(groupedByTopic(places.map((place) => ({ place }))), ([name, of]) =>
      makeOffsetCommitRequestOffsetCommitRequestTopic({
        name,
        partitions: of.map(({ place }) =>
          makeOffsetCommitRequestOffsetCommitRequestPartition({
            partitionIndex: place.partition,
            committedOffset: BigInt(offset),
            committedMetadata: String(id),
          }),
        ),
      }),
    );
    const request = makeOffsetCommitRequest({ groupId: group, generationIdOrMemberEpoch: -1, topics });
    tell("invoke");
    this.#connection.call(apiKeys.OffsetCommit, COMMIT_VERSION, request, (response) => {
      const code = response?.topics[0]?.partitions[0]?.errorCode;
      const error = code === undefined ? null : expectedError(code, "OffsetCommit", REFUSALS);
      tell(error === null ? "info" : outcomeOf(error));
      if (error === errors.NONE && this.#forgotten?.group === group) this.#forgotten.done = true;
      this.#ended();
    });
  }

  #deleteOffset(group: string, place: TopicPartition): void {
    const tell = this.#teller(group, [keyOfPlace(place)]);
    const topics = [{ name: place.topic, partitions: [{ partitionIndex: place.partition }] }];
    const request = makeOffsetDeleteRequest({ groupId: group, topics });
    tell("invoke");
    this.#connection.call(apiKeys.OffsetDelete, 0, request, (response) => {
      const code = response?.errorCode || response?.topics[0]?.partitions[0]?.errorCode;
      const error = code === undefined ? null : expectedError(code, "OffsetDelete", REFUSALS);
      tell(error === null ? "info" : outcomeOf(error));
      this.#ended();
    });
  }

  #deleteGroup(group: string): void {
    const tell = this.#teller(group, null);
    const request = makeDeleteGroupsRequest({ groupsNames: [group] });
    tell("invoke");
    this.#connection.call(apiKeys.DeleteGroups, 2, request, (response) => {
      const code = response?.results[0]?.errorCode;
      if (code !== undefined) expectedError(code, "DeleteGroups", REFUSALS);
      tell(code === undefined ? "info" : outcomeOf(errorForCode(code)));
      this.#ended();
    });
  }

  #teller(group: string, keys: readonly string[] | null): (type: "invoke" | "ok" | "fail" | "info") => void {
    const { process, recordGroup, nowMs, nextId } = this.#context;
    const id = nextId();
    return (type) => recordGroup({ f: "delete", type, process, id, group, keys, timeMs: nowMs() });
  }

  #ended(): void {
    this.#isBusy = false;
    this.#changeLater();
  }
}
