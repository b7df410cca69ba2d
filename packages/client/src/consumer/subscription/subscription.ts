// What the user asked for (topics, a pattern, or partitions by hand; never two of them) and what the consumer
// therefore has: the assigned partitions with their states, in the order in which they are fetched. A
// partition that stays over a rebalance keeps its state.
import type { TopicPartition } from "../../assignors/topic-partition.ts";
import { partitionKey } from "../topic-partition-map.ts";
import { PartitionState } from "./partition-state.ts";

type Kind = "none" | "topics" | "pattern" | "partitions";

const MIXED = "Subscription to topics, partitions and pattern are mutually exclusive";

export class Subscription {
  #kind: Kind = "none";
  #topics: ReadonlySet<string> = new Set();
  #pattern: RegExp | null = null;
  /** Topics of all members; only the group's leader knows more than its own. */
  #groupTopics: ReadonlySet<string> = new Set();
  #partitions = new Map<string, PartitionState>();
  /** Grows whenever partitions are added or taken away. */
  assignmentVersion = 0;

  get isNone(): boolean {
    return this.#kind === "none";
  }

  get isByGroup(): boolean {
    return this.#kind === "topics" || this.#kind === "pattern";
  }

  get isByUser(): boolean {
    return this.#kind === "partitions";
  }

  get pattern(): RegExp | null {
    return this.#pattern;
  }

  /** Subscribed topics; with a pattern, those that it matched last. */
  get topics(): ReadonlySet<string> {
    return this.#topics;
  }

  /** Topics whose metadata matters. */
  get metadataTopics(): ReadonlySet<string> {
    if (this.isByUser) return new Set([...this.#partitions.values()].map(({ topic }) => topic));
    if (this.#groupTopics.size === 0) return this.#topics;
    return new Set([...this.#topics, ...this.#groupTopics]);
  }

  /** Throws when the user mixes kinds. */
  subscribeTopics(topics: Iterable<string>): void {
    this.#setKind("topics");
    this.#topics = new Set(topics);
  }

  subscribePattern(pattern: RegExp): void {
    this.#setKind("pattern");
    this.#pattern = pattern;
  }

  /** The topics that match the pattern now. Returns whether they changed. */
  setMatchedTopics(topics: ReadonlySet<string>): boolean {
    const isSame = topics.size === this.#topics.size && [...topics].every((topic) => this.#topics.has(topic));
    this.#topics = topics;
    return !isSame;
  }

  /** Returns whether metadata of more topics is needed than before. */
  setGroupTopics(topics: Iterable<string>): boolean {
    const before = this.metadataTopics;
    this.#groupTopics = new Set(topics);
    return [...this.#groupTopics].some((topic) => !before.has(topic));
  }

  assignByUser(partitions: Iterable<TopicPartition>): void {
    this.#setKind("partitions");
    this.setAssignment(partitions);
  }

  unsubscribe(): void {
    this.#kind = "none";
    this.#topics = new Set();
    this.#pattern = null;
    this.#groupTopics = new Set();
    this.setAssignment([]);
  }

  /** Replaces the assigned partitions. Returns those that are new. */
  setAssignment(partitions: Iterable<TopicPartition>): PartitionState[] {
    const added: PartitionState[] = [];
    const next = new Map<string, PartitionState>();
    for (const partition of partitions) {
      const key = partitionKey(partition);
      let state = this.#partitions.get(key);
      if (state === undefined) {
        state = new PartitionState(partition);
        added.push(state);
      }
      next.set(key, state);
    }
    this.#partitions = next;
    this.assignmentVersion += 1;
    return added;
  }

  get partitions(): Iterable<PartitionState> {
    return this.#partitions.values();
  }

  get partitionCount(): number {
    return this.#partitions.size;
  }

  find(partition: TopicPartition): PartitionState | null {
    return this.#partitions.get(partitionKey(partition)) ?? null;
  }

  findByKey(key: string): PartitionState | null {
    return this.#partitions.get(key) ?? null;
  }

  /** Whether `state` is still assigned, and not a later one of the same name. */
  has(state: PartitionState): boolean {
    return this.#partitions.get(state.key) === state;
  }

  /** The partition comes last in the next fetch, so that the others get their turn. */
  moveToEnd(state: PartitionState): void {
    if (!this.has(state) || this.#partitions.size === 1) return;
    this.#partitions.delete(state.key);
    this.#partitions.set(state.key, state);
  }

  #setKind(kind: Kind): void {
    if (this.#kind !== "none" && this.#kind !== kind) throw new Error(MIXED);
    this.#kind = kind;
  }
}
