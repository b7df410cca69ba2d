// Judges reads of committed offsets against what may have been there (P7). A read is wrong when the offset
// it shows was replaced for certain: by a change that began after that one had happened, and that was
// acknowledged, or seen by somebody, before the read began.
import type { GroupFacts, GroupHistory, OffsetsEvent } from "../../group-history.ts";
import type { Key } from "../../history.ts";
import { GroupAbsence } from "./group-absence.ts";
import { ABSENT_ID, groupKey, type OffsetWrite, OffsetWrites } from "./offset-writes.ts";

/** A read that shows what cannot have been. */
export interface WrongRead {
  readonly kind: "absent" | "stale" | "refused";
  readonly text: string;
}

/** Changes that certainly had happened by some place, by that place: the latest beginning among them. */
class Floor {
  readonly #at: number[] = [];
  readonly #writes: OffsetWrite[] = [];

  /** `at` rises from call to call. */
  add(at: number, write: OffsetWrite): void {
    const newest = this.#writes.at(-1);
    this.#at.push(at);
    this.#writes.push(newest !== undefined && newest.invokedAt > write.invokedAt ? newest : write);
  }

  /** Of the changes known before a place, the one that began last. */
  before(at: number): OffsetWrite | null {
    let low = 0;
    let high = this.#at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#at[middle] as number) < at) low = middle + 1;
      else high = middle;
    }
    return this.#writes[low - 1] ?? null;
  }
}

/** Every read that is wrong, in order. */
export function wrongReads(history: GroupHistory, facts: GroupFacts): WrongRead[] {
  return new ReadJudge(history, facts).judge(history);
}

class ReadJudge {
  readonly #writes: OffsetWrites;
  readonly #absence: GroupAbsence;
  readonly #facts: GroupFacts;
  readonly #floors = new Map<string, Floor>();
  readonly #wrong: WrongRead[] = [];

  constructor(history: GroupHistory, facts: GroupFacts) {
    this.#facts = facts;
    this.#writes = new OffsetWrites(history);
    this.#absence = new GroupAbsence(history, this.#writes, facts);
  }

  judge(history: GroupHistory): WrongRead[] {
    for (const [at, event] of history.entries()) {
      if (event.f === "commit" && event.type === "ok") {
        for (const [key] of event.offsets) {
          const write = this.#writes.commit(event.group, key, event.id);
          if (write !== undefined) this.#floor(event.group, key).add(at, write);
        }
      }
      if (event.f === "delete" && event.type === "ok") {
        const write = this.#writes.deletion(event.id);
        for (const key of event.keys ?? this.#writes.keys(event.group)) {
          if (write !== undefined) this.#floor(event.group, key).add(at, write);
        }
      }
      if (event.f === "offsets") this.#judgeRead(event, at);
    }
    return this.#wrong;
  }

  #judgeRead(read: OffsetsEvent, at: number): void {
    const found = new Map(read.found.map(([key, offset, id]) => [key, { offset, id }]));
    for (const key of read.asked ?? this.#writes.keys(read.group)) {
      const shown = found.get(key);
      if (shown === undefined) this.#judgeAbsent(read, key, at);
      else this.#judgeFound(read, key, shown, at);
    }
  }

  #judgeFound(read: OffsetsEvent, key: Key, shown: { offset: number; id: number }, at: number): void {
    const { group, process } = read;
    const write = this.#writes.commit(group, key, shown.id);
    const what = `${process} was told ${shown.offset} (commit ${shown.id}) for ${groupKey(group, key)}`;
    if (write === undefined || write.offset !== shown.offset || write.invokedAt > at) {
      this.#wrong.push({ kind: "refused", text: `${what}, which nobody had committed` });
      return;
    }
    if (write.outcome === "fail" && write.doneAt < read.invokedAt) {
      this.#wrong.push({ kind: "refused", text: `${what}, a commit that was refused` });
      return;
    }
    const floor = this.#floor(group, key).before(read.invokedAt);
    if (floor !== null && write.doneAt < floor.invokedAt) {
      const by = floor.id === ABSENT_ID ? "its deletion" : `commit ${floor.id} of ${floor.offset}`;
      this.#wrong.push({ kind: "stale", text: `${what} after ${by}` });
    }
    this.#floor(group, key).add(at, write);
  }

  #judgeAbsent(read: OffsetsEvent, key: Key, at: number): void {
    const { group, process } = read;
    const floor = this.#floor(group, key).before(read.invokedAt);
    if (floor === null || floor.id === ABSENT_ID) return;
    const isDeleted = this.#writes
      .deletions(group, key)
      .some(({ invokedAt, doneAt }) => invokedAt < at && doneAt >= floor.invokedAt);
    if (isDeleted || this.#mayHaveExpired(group, key, floor, at)) return;
    const text = `${process} was told of no offset for ${groupKey(group, key)} after commit ${floor.id} of ${floor.offset}`;
    this.#wrong.push({ kind: "absent", text });
  }

  #mayHaveExpired(group: string, key: Key, floor: OffsetWrite, at: number): boolean {
    const { memberGroups, isUnconsumed, retentionMs } = this.#facts;
    const since = this.#absence.elapsedSince(floor.invokedMs, at) >= retentionMs;
    if (!memberGroups.includes(group) || isUnconsumed(key)) return since;
    return this.#absence.mayHaveGone(group, floor.invokedAt, at);
  }

  #floor(group: string, key: Key): Floor {
    const name = groupKey(group, key);
    const floor = this.#floors.get(name) ?? new Floor();
    this.#floors.set(name, floor);
    return floor;
  }
}
