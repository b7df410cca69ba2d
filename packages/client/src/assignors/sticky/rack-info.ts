// What racks mean to a sticky assignment (KIP-881): which member may keep or get which partition, and how
// many members are near to a partition. Without racks, or with the same racks everywhere, nothing
// mismatches.
import { racksMatter } from "../assignor.ts";
import type { PartitionTable } from "./partition-table.ts";

export class RackInfo {
  /** By member index; null when the member names no rack or racks decide nothing. */
  readonly #memberRacks: readonly (string | null)[];
  readonly #partitionRacks: readonly ReadonlySet<string>[];
  /** Members in a rack of the partition, by partition id; empty when no member names a rack. */
  readonly #nearMembers: readonly number[];
  /** Whether racks decide anything. */
  readonly isUsed: boolean;

  constructor(partitions: PartitionTable, memberRacks: readonly (string | null)[]) {
    const named = memberRacks.filter((rack) => rack !== null && rack !== "");
    const isAnyNamed = named.length > 0;
    const racks: ReadonlySet<string>[] = [];
    for (let id = 0; isAnyNamed && id < partitions.count; id++) racks.push(new Set(partitions.racks(id)));
    this.#nearMembers = racks.map((names) => named.filter((rack) => names.has(rack!)).length);
    this.isUsed = racksMatter(new Set(named as string[]), racks);
    this.#memberRacks = memberRacks.map((rack) => (this.isUsed && rack !== "" ? rack : null));
    this.#partitionRacks = this.isUsed ? racks : [];
  }

  /** The member names a rack, and the partition has no replica there. */
  mismatch(member: number, id: number): boolean {
    const rack = this.#memberRacks[member] ?? null;
    return rack !== null && this.#partitionRacks[id]?.has(rack) !== true;
  }

  /** The member names a rack, and the partition has a replica there. */
  match(member: number, id: number): boolean {
    const rack = this.#memberRacks[member] ?? null;
    return rack !== null && this.#partitionRacks[id]?.has(rack) === true;
  }

  /** Those with the fewest members nearby first; otherwise in the order they had. */
  sortByNearMembers(ids: readonly number[]): number[] {
    return [...ids].sort((left, right) => (this.#nearMembers[left] ?? 0) - (this.#nearMembers[right] ?? 0));
  }

  /** Index in `members` of the first one, from `first` on in the round, that matches; −1 without. */
  nextMatch(id: number, members: readonly number[], first: number): number {
    for (let step = 0; step < members.length; step++) {
      const index = (first + step) % members.length;
      if (this.match(members[index]!, id)) return index;
    }
    return -1;
  }
}
