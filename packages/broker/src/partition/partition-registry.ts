// All partitions that have a replica on this broker, by name and index, and those to be settled at the end of
// the turn. Invariant: a partition is settled once per turn however often it became dirty. Not here: why
// partitions come and go (partition-publisher.ts).
import type { Clock } from "@ottla/ports";
import type { NodeId } from "@ottla/protocol";
import type { TurnEnd } from "../turn-end.ts";
import type { Partition, PartitionOwner } from "./partition.ts";

/** The partitions of one broker. */
export class PartitionRegistry implements PartitionOwner {
  readonly nodeId: NodeId;
  readonly clock: Clock;
  readonly #turnEnd: TurnEnd;
  readonly #byTopic = new Map<string, Map<number, Partition>>();
  #dirty: Partition[] = [];
  #settled: Partition[] = [];
  #size = 0;

  constructor(options: { readonly nodeId: NodeId; readonly clock: Clock; readonly turnEnd: TurnEnd }) {
    this.nodeId = options.nodeId;
    this.clock = options.clock;
    this.#turnEnd = options.turnEnd;
    options.turnEnd.onPhase("partitions", this.#settleDirty);
    options.turnEnd.onPhase("waiting", this.#notifyWaiting);
  }

  get size(): number {
    return this.#size;
  }

  /** Null when this broker has no replica of it. */
  find(topic: string, index: number): Partition | null {
    return this.#byTopic.get(topic)?.get(index) ?? null;
  }

  /** Every partition of the topic here. */
  ofTopic(topic: string): Iterable<Partition> {
    return this.#byTopic.get(topic)?.values() ?? [];
  }

  *all(): Iterable<Partition> {
    for (const partitions of this.#byTopic.values()) yield* partitions.values();
  }

  add(partition: Partition): void {
    let partitions = this.#byTopic.get(partition.topic);
    if (partitions === undefined) {
      partitions = new Map();
      this.#byTopic.set(partition.topic, partitions);
    }
    if (partitions.has(partition.index))
      throw new Error(`${partition.topic}-${partition.index} is there already`);
    partitions.set(partition.index, partition);
    this.#size += 1;
  }

  remove(partition: Partition): void {
    const partitions = this.#byTopic.get(partition.topic);
    if (partitions?.get(partition.index) !== partition) return;
    partitions.delete(partition.index);
    this.#size -= 1;
    if (partitions.size === 0) this.#byTopic.delete(partition.topic);
  }

  markDirty(partition: Partition): void {
    if (partition.isDirty) return;
    partition.isDirty = true;
    this.#dirty.push(partition);
  }

  requestTurnEnd(): void {
    this.#turnEnd.request();
  }

  readonly #settleDirty = (): void => {
    const dirty = this.#dirty;
    if (dirty.length === 0) return;
    this.#dirty = [];
    for (const partition of dirty) {
      partition.isDirty = false;
      partition.settle();
    }
    this.#settled = dirty;
  };

  readonly #notifyWaiting = (): void => {
    const settled = this.#settled;
    if (settled.length === 0) return;
    this.#settled = [];
    for (const partition of settled) partition.notifyWaiting();
  };
}
