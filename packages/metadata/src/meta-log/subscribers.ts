// Feeds the subscribers of an engine: each gets the entries that exist, by reads, and then every new one,
// without gap or repeat. Invariant: a subscriber at the tail hears of a durable entry before the `done` of
// its append runs. A subscriber that lags behind is fed by reads, never from a queue, so that nothing grows
// with its slowness.
import type { Offset } from "@ottla/protocol";
import type { MetaLogEntry, MetaLogReadResult, MetaLogSubscriber, MetaLogSubscription } from "./meta-log.ts";

type Read = (from: Offset, done: (result: MetaLogReadResult) => void) => void;

interface Feed {
  readonly subscriber: MetaLogSubscriber;
  next: Offset;
  isReading: boolean;
  isCancelled: boolean;
}

/** The subscribers of one log. */
export class Subscribers {
  readonly #read: Read;
  readonly #feeds = new Set<Feed>();

  /** `read` answers in a later turn. */
  constructor(read: Read) {
    this.#read = read;
  }

  subscribe(from: Offset, subscriber: MetaLogSubscriber): MetaLogSubscription {
    const feed: Feed = { subscriber, next: from, isReading: false, isCancelled: false };
    this.#feeds.add(feed);
    this.#fill(feed);
    return {
      cancel: () => {
        feed.isCancelled = true;
        this.#feeds.delete(feed);
      },
    };
  }

  /** A new durable entry at the tail. */
  announce(entry: MetaLogEntry): void {
    for (const feed of this.#feeds) {
      // Who still reads will find the entry there.
      if (feed.isReading || feed.next !== entry.baseOffset) continue;
      this.#give(feed, [entry]);
    }
  }

  fail(cause: Error): void {
    for (const feed of this.#feeds) this.#fail(feed, cause);
  }

  #fill(feed: Feed): void {
    feed.isReading = true;
    this.#read(feed.next, (result) => {
      feed.isReading = false;
      if (feed.isCancelled) return;
      if (result.kind === "failed") return this.#fail(feed, result.cause);
      if (result.kind === "trimmed") {
        return this.#fail(
          feed,
          new Error(`offset ${feed.next} is trimmed: the log starts at ${result.startOffset}`),
        );
      }
      this.#give(feed, result.entries);
      if (!feed.isCancelled && feed.next < result.tail) this.#fill(feed);
    });
  }

  #give(feed: Feed, entries: readonly MetaLogEntry[]): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    feed.next = (last.lastOffset + 1) as Offset;
    feed.subscriber.onEntries(entries);
  }

  #fail(feed: Feed, cause: Error): void {
    this.#feeds.delete(feed);
    feed.isCancelled = true;
    feed.subscriber.onFailed(cause);
  }
}
