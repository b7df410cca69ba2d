// Everything that may have changed the committed offset of a key: commits and deletions, each from the place
// in the history where it began to the place where it had certainly happened. An operation without an answer
// may happen at any time until the broker dies next: then its connection is gone.
import type { CommitEvent, DeleteEvent, GroupHistory } from "../../group-history.ts";
import type { Key } from "../../history.ts";

/** One change of one key's offset. */
export interface OffsetWrite {
  /** The commit's id; deletions and the beginning have `ABSENT_ID`. */
  readonly id: number;
  readonly process: string;
  readonly offset: number;
  readonly generation: number;
  readonly invokedAt: number;
  readonly invokedMs: number;
  /** Infinity: nobody knows. */
  doneAt: number;
  outcome: "ok" | "fail" | "info";
}

/** Stands for "no offset". */
export const ABSENT_ID = 0;

/** The key of a group. */
export function groupKey(group: string, key: Key): string {
  return `${group} ${key}`;
}

/** All changes by group and key. */
export class OffsetWrites {
  readonly #commits = new Map<string, OffsetWrite[]>();
  readonly #byId = new Map<string, OffsetWrite>();
  readonly #deletes = new Map<string, OffsetWrite[]>();
  readonly #groupDeletes = new Map<string, OffsetWrite[]>();
  readonly #deletesById = new Map<number, OffsetWrite>();
  readonly #crashes: number[] = [];
  readonly #keys = new Map<string, Set<Key>>();

  constructor(history: GroupHistory) {
    const open = new Map<number, OffsetWrite[]>();
    for (const [at, event] of history.entries()) {
      if (event.f === "node" && event.type === "crash") this.#crashes.push(at);
      if (event.f !== "commit" && event.f !== "delete") continue;
      if (event.type === "invoke") open.set(event.id, this.#begin(event, at));
      else for (const write of open.get(event.id) ?? []) this.#end(write, event.type, at);
    }
    for (const writes of open.values()) {
      for (const write of writes)
        if (write.outcome === "info") write.doneAt = this.crashAfter(write.invokedAt);
    }
  }

  /** Keys of a group that were ever committed. */
  keys(group: string): ReadonlySet<Key> {
    return this.#keys.get(group) ?? new Set();
  }

  groups(): Iterable<string> {
    return this.#keys.keys();
  }

  /** In the order in which they began. */
  commits(group: string, key: Key): readonly OffsetWrite[] {
    return this.#commits.get(groupKey(group, key)) ?? [];
  }

  commit(group: string, key: Key, id: number): OffsetWrite | undefined {
    return this.#byId.get(`${groupKey(group, key)} ${id}`);
  }

  /** Deletions of the key or of its whole group that may have happened. */
  deletions(group: string, key: Key): OffsetWrite[] {
    const own = this.#deletes.get(groupKey(group, key)) ?? [];
    return [...own, ...this.groupDeletions(group)].filter(({ outcome }) => outcome !== "fail");
  }

  /** The deletion with this id. */
  deletion(id: number): OffsetWrite | undefined {
    return this.#deletesById.get(id);
  }

  groupDeletions(group: string): OffsetWrite[] {
    return (this.#groupDeletes.get(group) ?? []).filter(({ outcome }) => outcome !== "fail");
  }

  /** The place of the broker's next death; Infinity when there is none. */
  crashAfter(at: number): number {
    return this.#crashes.find((crash) => crash > at) ?? Number.POSITIVE_INFINITY;
  }

  #begin(event: CommitEvent | DeleteEvent, at: number): OffsetWrite[] {
    const { process, group, timeMs: invokedMs } = event;
    const begun = (id: number, offset: number, generation: number): OffsetWrite => {
      const doneAt = Number.POSITIVE_INFINITY;
      return { id, process, offset, generation, invokedAt: at, invokedMs, doneAt, outcome: "info" };
    };
    if (event.f === "delete") {
      const write = begun(ABSENT_ID, -1, -1);
      this.#deletesById.set(event.id, write);
      if (event.keys === null) append(this.#groupDeletes, group, write);
      for (const key of event.keys ?? []) append(this.#deletes, groupKey(group, key), write);
      return [write];
    }
    return event.offsets.map(([key, offset]) => {
      const write = append(this.#commits, groupKey(group, key), begun(event.id, offset, event.generation));
      this.#byId.set(`${groupKey(group, key)} ${event.id}`, write);
      const keys = this.#keys.get(group) ?? new Set();
      this.#keys.set(group, keys.add(key));
      return write;
    });
  }

  #end(write: OffsetWrite, outcome: "ok" | "fail" | "info", at: number): void {
    write.outcome = outcome;
    if (outcome !== "info") write.doneAt = at;
  }
}

function append(table: Map<string, OffsetWrite[]>, name: string, write: OffsetWrite): OffsetWrite {
  const writes = table.get(name);
  if (writes === undefined) table.set(name, [write]);
  else writes.push(write);
  return write;
}
