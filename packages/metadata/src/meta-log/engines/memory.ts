// A MetaLog in memory, for tests and for clusters that live inside a test. The store outlives its handles:
// several controllers may open it and race, and a restart finds what was there. Faults can be ordered, one at
// a time, to see what a caller makes of them.
import type { Turn } from "@ottla/ports";
import type { Offset } from "@ottla/protocol";
import { META_LOG_BATCH_BYTES_MAX, META_LOG_READ_BYTES_MAX } from "../../limits.ts";
import type {
  MetaLog,
  MetaLogAppendOutcome,
  MetaLogBatch,
  MetaLogEntry,
  MetaLogReadResult,
  MetaLogSnapshot,
  MetaLogSubscriber,
  MetaLogSubscription,
} from "../meta-log.ts";
import { Subscribers } from "../subscribers.ts";

/** What happens to the next append: it counts but the answer is lost, or it is lost with its answer. */
export type MemoryFault = "applied-unknown" | "lost-unknown";

/** The log itself, shared by its handles. */
export class MemoryMetaLogStore {
  readonly entries: MetaLogEntry[] = [];
  snapshot: MetaLogSnapshot | null = null;
  startOffset: Offset = 0 as Offset;
  tail: Offset = 0 as Offset;
  nextFault: MemoryFault | null = null;
  readonly handles: Set<MemoryMetaLog> = new Set();
}

/** One handle on a store. */
export class MemoryMetaLog implements MetaLog {
  readonly #store: MemoryMetaLogStore;
  readonly #turn: Turn;
  readonly subscribers: Subscribers;
  #isClosed = false;

  constructor(store: MemoryMetaLogStore, turn: Turn) {
    this.#store = store;
    this.#turn = turn;
    this.subscribers = new Subscribers((from, done) => this.read(from, done));
    store.handles.add(this);
  }

  get tail(): Offset {
    return this.#store.tail;
  }

  get startOffset(): Offset {
    return this.#store.startOffset;
  }

  get epoch(): number {
    return this.#store.entries.at(-1)?.epoch ?? this.#store.snapshot?.id.epoch ?? 0;
  }

  get bytesSinceSnapshot(): number {
    const end = this.#store.snapshot?.id.endOffset ?? 0;
    return this.#store.entries.reduce((sum, entry) => sum + (entry.baseOffset >= end ? entry.bytes : 0), 0);
  }

  append(
    expectedTail: Offset,
    appendId: string,
    batch: MetaLogBatch,
    done: (outcome: MetaLogAppendOutcome) => void,
  ): void {
    this.#turn.nextSlice(() => {
      if (this.#isClosed) return done({ kind: "refused", cause: new Error("the metadata log is closed") });
      const entry = toEntry(expectedTail, appendId, batch);
      if (entry.bytes > META_LOG_BATCH_BYTES_MAX) {
        return done({ kind: "refused", cause: new Error(`an append of ${entry.bytes} bytes is too large`) });
      }
      const store = this.#store;
      const fault = store.nextFault;
      store.nextFault = null;
      const unknown = { kind: "unknown", cause: new Error("the answer was lost") } as const;
      if (fault === "lost-unknown") return done(unknown);
      if (expectedTail !== store.tail) return done({ kind: "conflict", tail: store.tail });
      store.entries.push(entry);
      store.tail = (entry.lastOffset + 1) as Offset;
      for (const handle of store.handles) handle.subscribers.announce(entry);
      if (fault === "applied-unknown") return done(unknown);
      done({ kind: "ok", baseOffset: entry.baseOffset, lastOffset: entry.lastOffset });
    });
  }

  read(from: Offset, done: (result: MetaLogReadResult) => void): void {
    this.#turn.nextSlice(() => {
      const { entries, startOffset, tail } = this.#store;
      if (this.#isClosed) return done({ kind: "failed", cause: new Error("the metadata log is closed") });
      if (from < startOffset) return done({ kind: "trimmed", startOffset });
      let bytes = 0;
      const found: MetaLogEntry[] = [];
      for (const entry of entries) {
        if (entry.lastOffset < from) continue;
        bytes += entry.bytes;
        if (found.length > 0 && bytes > META_LOG_READ_BYTES_MAX) break;
        found.push(entry);
      }
      done({ kind: "entries", entries: found, tail });
    });
  }

  subscribe(from: Offset, subscriber: MetaLogSubscriber): MetaLogSubscription {
    return this.subscribers.subscribe(from, subscriber);
  }

  latestSnapshot(done: (result: MetaLogSnapshot | null | Error) => void): void {
    done(this.#store.snapshot);
  }

  writeSnapshot(snapshot: MetaLogSnapshot, done: (error: Error | null) => void): void {
    const newest = this.#store.snapshot?.id.endOffset ?? -1;
    if (snapshot.id.endOffset > newest && snapshot.id.endOffset <= this.#store.tail)
      this.#store.snapshot = snapshot;
    this.#turn.nextSlice(() => done(null));
  }

  clean(): void {
    const { snapshot, entries } = this.#store;
    if (snapshot === null) return;
    const kept = entries.findIndex((entry) => entry.lastOffset >= snapshot.id.endOffset);
    entries.splice(0, kept < 0 ? entries.length : kept);
    this.#store.startOffset = entries[0]?.baseOffset ?? snapshot.id.endOffset;
  }

  close(done: (error: Error | null) => void): void {
    this.#isClosed = true;
    this.#store.handles.delete(this);
    this.#turn.nextSlice(() => done(null));
  }
}

function toEntry(baseOffset: Offset, appendId: string, batch: MetaLogBatch): MetaLogEntry {
  const records = batch.kind === "records" ? batch.records : [];
  return {
    baseOffset,
    lastOffset: (baseOffset + Math.max(records.length, 1) - 1) as Offset,
    epoch: batch.epoch,
    appendId,
    timestampMs: batch.kind === "records" ? batch.timestampMs : 0,
    bytes: records.reduce((sum, record) => sum + record.length, 0),
    records,
    opensEpoch: batch.kind === "leader-change",
  };
}
