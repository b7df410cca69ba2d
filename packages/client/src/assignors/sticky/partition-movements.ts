// Which partitions moved between which members during one balancing. If a partition of a topic moved from A
// to B and now one of B's should move to A, the first one goes back instead: members never swap partitions
// of one topic.
interface Movement {
  readonly from: number;
  readonly to: number;
}

export class PartitionMovements {
  readonly #byPartition = new Map<number, Movement>();
  /** Partition ids by topic and by "from>to". */
  readonly #byTopic = new Map<string, Map<string, Set<number>>>();

  /** Notes that `id` of `topic` moves; a partition that comes back has not moved. */
  move(topic: string, id: number, from: number, to: number): void {
    const before = this.#byPartition.get(id);
    if (before === undefined) {
      this.#add(topic, id, { from, to });
      return;
    }
    this.#byPartition.delete(id);
    this.#pair(topic, before).delete(id);
    if (before.from !== to) this.#add(topic, id, { from: before.from, to });
  }

  /** The partition of `topic` that should move from `from` to `to` in place of `id`; mostly `id` itself. */
  partitionToMove(topic: string, id: number, from: number, to: number): number {
    const origin = this.#byPartition.get(id)?.from ?? from;
    const reverse = this.#byTopic.get(topic)?.get(pairKey({ from: to, to: origin }));
    for (const other of reverse ?? []) return other;
    return id;
  }

  #add(topic: string, id: number, movement: Movement): void {
    this.#byPartition.set(id, movement);
    this.#pair(topic, movement).add(id);
  }

  #pair(topic: string, movement: Movement): Set<number> {
    const pairs = this.#byTopic.get(topic) ?? new Map<string, Set<number>>();
    this.#byTopic.set(topic, pairs);
    const ids = pairs.get(pairKey(movement)) ?? new Set<number>();
    pairs.set(pairKey(movement), ids);
    return ids;
  }
}

function pairKey({ from, to }: Movement): string {
  return `${from}>${to}`;
}
