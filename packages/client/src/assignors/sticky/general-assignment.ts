// Sticky assignment when members subscribe to different topics: members keep what is still theirs, the rest
// goes to the least loaded member that may have it, then partitions move as long as a move improves the
// balance. A balance that gets no better is thrown away, so that nothing moves in vain. Members are indexes
// in order of member id.
import { MembersByLoad } from "./members-by-load.ts";
import { PartitionMovements } from "./partition-movements.ts";
import type { PartitionTable } from "./partition-table.ts";
import { type MemberClaim, NO_GENERATION, type PreviousOwners, removeFrom } from "./previous-owners.ts";
import type { RackInfo } from "./rack-info.ts";

export class GeneralAssignment {
  assigned: number[][];
  readonly #partitions: PartitionTable;
  readonly #racks: RackInfo;
  /** Existing topics by member. */
  readonly #topicsOf: readonly ReadonlySet<string>[];
  /** Members by topic. */
  readonly #membersOf = new Map<string, number[]>();
  /** Member by partition; −1 is nobody. */
  #owner: Int32Array;
  readonly #byLoad: MembersByLoad;
  readonly #movements = new PartitionMovements();
  /** Owners in the newest generation before the last one. */
  readonly #olderOwner: ReadonlyMap<number, number>;
  /** Partition ids: topics with the fewest members first. */
  readonly #sorted: readonly number[];
  #isAnyRevoked = false;

  constructor(
    partitions: PartitionTable,
    topicsOf: readonly ReadonlySet<string>[],
    previous: PreviousOwners,
    claims: readonly MemberClaim[],
    racks: RackInfo,
  ) {
    this.#partitions = partitions;
    this.#racks = racks;
    this.#topicsOf = topicsOf;
    for (const topic of partitions.topics) {
      this.#membersOf.set(
        topic,
        [...topicsOf.keys()].filter((member) => topicsOf[member]!.has(topic)),
      );
    }
    const topics = partitions.topics.toSorted(
      (left, right) => this.#candidates(left).length - this.#candidates(right).length,
    );
    this.#sorted = topics.flatMap((topic) => partitions.idsOf(topic));
    this.#owner = new Int32Array(partitions.count).fill(-1);
    this.assigned = previous.owned.map((owned, member) => owned.filter((id) => this.#mayKeep(member, id)));
    for (const [member, ids] of this.assigned.entries()) for (const id of ids) this.#owner[id] = member;
    this.#olderOwner = olderOwners(partitions, claims, previous.generationMax);
    this.#byLoad = new MembersByLoad(topicsOf.keys(), (member) => this.assigned[member]!.length);
  }

  build(): void {
    const isFresh = this.assigned.every((ids) => ids.length === 0);
    const unassigned = this.#sorted.filter((id) => this.#owner[id]! < 0);
    let left = unassigned;
    if (this.#racks.isUsed) left = left.filter((id) => !this.#assignToLeastLoaded(id, true));
    for (const id of left) this.#assignToLeastLoaded(id, false);
    this.#balance(unassigned, isFresh);
  }

  #candidates(topic: string): readonly number[] {
    return this.#membersOf.get(topic) ?? [];
  }

  #canHave(member: number, id: number): boolean {
    return this.#topicsOf[member]!.has(this.#partitions.topicOf(id));
  }

  #mayKeep(member: number, id: number): boolean {
    const may = this.#canHave(member, id) && !this.#racks.mismatch(member, id);
    if (!may) this.#isAnyRevoked = true;
    return may;
  }

  #assignToLeastLoaded(id: number, isWithinRack: boolean): boolean {
    for (const member of this.#byLoad) {
      if (!this.#canHave(member, id) || (isWithinRack && this.#racks.mismatch(member, id))) continue;
      this.#byLoad.update([member], () => this.assigned[member]!.push(id));
      this.#owner[id] = member;
      return true;
    }
    return false;
  }

  #balance(unassigned: readonly number[], isFresh: boolean): void {
    const canMove = (id: number): boolean => this.#candidates(this.#partitions.topicOf(id)).length > 1;
    const members = [...this.#topicsOf.keys()];
    const movable = members.filter((member) => this.#canTakePart(member));
    for (const member of members) if (!movable.includes(member)) this.#byLoad.remove(member);
    const before = this.assigned.map((ids) => [...ids]);
    const ownerBefore = this.#owner.slice();
    const scoreBefore = balanceScore(movable.map((member) => this.assigned[member]!.length));
    // With nothing revoked, moving only what is new may do.
    if (!this.#isAnyRevoked) this.#moveWhileBetter(unassigned.filter(canMove));
    const isMoved = this.#moveWhileBetter(this.#sorted.filter(canMove));
    const score = balanceScore(movable.map((member) => this.assigned[member]!.length));
    if (!isFresh && isMoved && score >= scoreBefore) {
      this.assigned = before;
      this.#owner = ownerBefore;
    }
  }

  /** A member that has all it can have, and nothing that another could have, is settled. */
  #canTakePart(member: number): boolean {
    const ids = this.assigned[member]!;
    if (ids.length < this.#possibleCount(member)) return true;
    return ids.some((id) => this.#candidates(this.#partitions.topicOf(id)).length > 1);
  }

  #possibleCount(member: number): number {
    let count = 0;
    for (const topic of this.#topicsOf[member]!) count += this.#partitions.partitionCount(topic);
    return count;
  }

  /** Returns whether anything moved. */
  #moveWhileBetter(ids: readonly number[]): boolean {
    let isAnyMoved = false;
    for (let isModified = true; isModified; ) {
      isModified = false;
      for (const id of ids) {
        if (this.#isBalanced()) break;
        if (this.#moveIfBetter(id)) isModified = true;
      }
      isAnyMoved ||= isModified;
    }
    return isAnyMoved;
  }

  /** Every member has all it can have, or could only take from members that have at most one more. */
  #isBalanced(): boolean {
    const { first, last } = this.#byLoad;
    if (first === undefined || last === undefined) return true;
    if (this.#load(first) >= this.#load(last) - 1) return true;
    for (const member of this.#byLoad) {
      const load = this.#load(member);
      if (load === this.#possibleCount(member)) continue;
      for (const topic of this.#topicsOf[member]!) {
        for (const id of this.#partitions.idsOf(topic)) {
          const owner = this.#owner[id]!;
          if (owner >= 0 && owner !== member && load + 1 < this.#load(owner)) return false;
        }
      }
    }
    return true;
  }

  #load(member: number): number {
    return this.assigned[member]!.length;
  }

  #moveIfBetter(id: number): boolean {
    const owner = this.#owner[id]!;
    const older = this.#olderOwner.get(id);
    if (older !== undefined && this.#canHave(older, id) && this.#load(owner) > this.#load(older) + 1) {
      this.#move(id, older);
      return true;
    }
    const isBetter = this.#candidates(this.#partitions.topicOf(id)).some(
      (member) => this.#load(owner) > this.#load(member) + 1,
    );
    if (!isBetter) return false;
    for (const member of this.#byLoad) {
      if (!this.#canHave(member, id)) continue;
      this.#move(id, member);
      return true;
    }
    return false;
  }

  /** Moves `id`, or the partition of its topic that came the other way before. */
  #move(id: number, to: number): void {
    const topic = this.#partitions.topicOf(id);
    const moved = this.#movements.partitionToMove(topic, id, this.#owner[id]!, to);
    const from = this.#owner[moved]!;
    this.#movements.move(topic, moved, from, to);
    this.#byLoad.update([from, to], () => {
      removeFrom(this.assigned[from]!, moved);
      this.assigned[to]!.push(moved);
    });
    this.#owner[moved] = to;
  }
}

/** For each partition its owner in the newest generation older than `generationMax`. */
function olderOwners(
  partitions: PartitionTable,
  claims: readonly MemberClaim[],
  generationMax: number,
): Map<number, number> {
  const owners = new Map<number, { member: number; generation: number }>();
  for (const [member, claim] of claims.entries()) {
    const generation = claim.generation ?? NO_GENERATION;
    if (generation >= generationMax) continue;
    for (const partition of claim.partitions) {
      const id = partitions.idOf(partition);
      if (id === null) continue;
      const known = owners.get(id);
      if (known === undefined || generation > known.generation) owners.set(id, { member, generation });
    }
  }
  return new Map([...owners].map(([id, { member }]) => [id, member]));
}

/** The sum of the differences between all pairs of loads: 0 is even. */
function balanceScore(loads: readonly number[]): number {
  const sorted = loads.toSorted((left, right) => left - right);
  let score = 0;
  let sum = 0;
  for (const [index, load] of sorted.entries()) {
    score += load * index - sum;
    sum += load;
  }
  return score;
}
