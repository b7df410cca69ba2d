// Sticky assignment when all members subscribe to the same topics. Everybody gets the minimum share or one
// more; first members keep what they had, then partitions go to members in their rack, then to anybody.
// Members are indexes in order of member id.
import { compareTopicPartitions } from "../topic-partition.ts";
import type { PartitionTable } from "./partition-table.ts";
import { type PreviousOwners, removeFrom } from "./previous-owners.ts";
import type { RackInfo } from "./rack-info.ts";

const byNumber = (left: number, right: number): number => left - right;

export class ConstrainedAssignment {
  readonly assigned: number[][];
  /** Partitions that another member still holds, with their new owner: these need a second rebalance. */
  readonly transferring: Map<number, number> = new Map();
  readonly #partitions: PartitionTable;
  readonly #previous: PreviousOwners;
  readonly #racks: RackInfo;
  readonly #shareMin: number;
  readonly #shareMax: number;
  /** Members that may hold more than the minimum share, in the end and now. */
  readonly #largerSharesMax: number;
  #largerShares = 0;
  /** Members below the minimum share. */
  #belowMin: number[] = [];
  /** Members at the minimum share that may still get one more. */
  #atMin: number[] = [];
  /** Partitions taken from the member that had them. */
  readonly #revokedFrom = new Map<number, number>();

  constructor(partitions: PartitionTable, previous: PreviousOwners, racks: RackInfo) {
    const memberCount = previous.owned.length;
    this.#partitions = partitions;
    this.#previous = previous;
    this.#racks = racks;
    this.#shareMin = Math.floor(partitions.count / memberCount);
    this.#shareMax = Math.ceil(partitions.count / memberCount);
    this.#largerSharesMax = partitions.count % memberCount;
    this.assigned = previous.owned.map(() => []);
  }

  build(): void {
    const taken = new Uint8Array(this.#partitions.count);
    for (const [member, owned] of this.#previous.owned.entries()) {
      for (const id of this.#keepOwned(member, owned)) taken[id] = 1;
    }
    const left: number[] = [];
    for (const [id, isTaken] of taken.entries()) if (isTaken === 0) left.push(id);
    this.#belowMin.sort(byNumber);
    this.#atMin.sort(byNumber);
    const sorted = this.#racks.sortByNearMembers(left);
    this.#assignInTurn(this.#racks.isUsed ? this.#assignByRack(sorted) : sorted);
  }

  /** Gives a member what it had, up to its share; returns it. */
  #keepOwned(member: number, claimed: readonly number[]): readonly number[] {
    const owned: number[] = [];
    for (const id of claimed) {
      if (this.#racks.mismatch(member, id)) this.#revokedFrom.set(id, member);
      else if (!this.#previous.contested.has(id)) owned.push(id);
    }
    owned.sort((left, right) => this.#byPartitionThenTopic(left, right));
    let kept = owned;
    if (owned.length < this.#shareMin) {
      this.#belowMin.push(member);
    } else if (owned.length >= this.#shareMax && this.#largerShares < this.#largerSharesMax) {
      this.#countLargerShare();
      kept = this.#keepFirst(member, owned, this.#shareMax);
    } else {
      kept = this.#keepFirst(member, owned, this.#shareMin);
      if (this.#largerShares < this.#largerSharesMax) this.#atMin.push(member);
    }
    this.assigned[member]!.push(...kept);
    return kept;
  }

  #keepFirst(member: number, owned: readonly number[], share: number): number[] {
    for (const id of owned.slice(share)) this.#revokedFrom.set(id, member);
    return owned.slice(0, share);
  }

  #byPartitionThenTopic(left: number, right: number): number {
    const a = this.#partitions.partition(left);
    const b = this.#partitions.partition(right);
    return a.partition - b.partition || compareTopicPartitions(a, b);
  }

  /** Once the last larger share is given, a member at the minimum is full. */
  #countLargerShare(): void {
    this.#largerShares += 1;
    if (this.#largerShares === this.#largerSharesMax) this.#atMin = [];
  }

  /** Deals partitions to members in their racks, in turn; returns those for which there is none. */
  #assignByRack(ids: readonly number[]): number[] {
    let turn = 0;
    const left: number[] = [];
    for (const id of ids) {
      const index = this.#racks.nextMatch(id, this.#belowMin, turn);
      if (index >= 0) {
        turn = this.#assignBelowMin(id, index);
        continue;
      }
      const atMinIndex = this.#racks.nextMatch(id, this.#atMin, 0);
      if (atMinIndex < 0) {
        left.push(id);
        continue;
      }
      const member = this.#atMin[atMinIndex]!;
      if (this.assigned[member]!.length + 1 === this.#shareMax) {
        this.#atMin.splice(atMinIndex, 1);
        this.#countLargerShare();
      }
      this.#assign(id, member);
    }
    return left;
  }

  /** Returns where the next search starts. */
  #assignBelowMin(id: number, index: number): number {
    const member = this.#belowMin[index]!;
    const count = this.#assign(id, member);
    let next = index;
    if (count >= this.#shareMin) {
      removeFrom(this.#belowMin, member);
      if (count < this.#shareMax && this.#largerShares < this.#largerSharesMax) this.#atMin.push(member);
    } else next += 1;
    return this.#belowMin.length === 0 ? 0 : next % this.#belowMin.length;
  }

  #assignInTurn(ids: readonly number[]): void {
    let turn = 0;
    for (const id of ids) {
      if (turn >= this.#belowMin.length) turn = 0;
      const isBelowMin = this.#belowMin.length > 0;
      const member = isBelowMin ? this.#belowMin[turn] : this.#atMin.shift();
      if (member === undefined) throw new Error("every member has its share, yet partitions are left");
      const count = this.#assign(id, member);
      if (!isBelowMin) continue;
      if (count === this.#shareMin) {
        this.#belowMin.splice(turn, 1);
        this.#atMin.push(member);
      } else turn += 1;
    }
  }

  #assign(id: number, member: number): number {
    const owner = this.#revokedFrom.get(id);
    if ((owner !== undefined && owner !== member) || this.#previous.contested.has(id)) {
      this.transferring.set(id, member);
    }
    return this.assigned[member]!.push(id);
  }
}
