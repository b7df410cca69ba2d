// Follows the metadata log for one node: snapshot, then every entry, batch by batch, into images, and tells
// the publishers. A node that cannot understand an entry stops here: `onFault` is called once and no image
// comes after it.
import type { Offset } from "@ottla/protocol";
import { MetadataDelta } from "../image/metadata-delta.ts";
import { emptyMetadataImage, imageRecords, type MetadataImage } from "../image/metadata-image.ts";
import type { MetaLogEntry, MetaLogReader, MetaLogSubscription } from "../meta-log/meta-log.ts";
import { ImageBuilder, type ImageStep } from "./image-builder.ts";
import type { MetadataPublisher } from "./metadata-publisher.ts";

export interface MetadataLoaderOptions {
  readonly metaLog: MetaLogReader;
  /** The node must stop: its picture of the cluster can no longer be kept. */
  readonly onFault: (cause: Error) => void;
}

/** The newest image of a node, and who wants to know of it. */
export class MetadataLoader {
  readonly #metaLog: MetaLogReader;
  readonly #onFault: (cause: Error) => void;
  readonly #publishers: MetadataPublisher[] = [];
  #builder = new ImageBuilder();
  #subscription: MetaLogSubscription | null = null;
  #isClosed = false;

  constructor(options: MetadataLoaderOptions) {
    this.#metaLog = options.metaLog;
    this.#onFault = options.onFault;
  }

  /** Empty before the first entry. */
  get image(): MetadataImage {
    return this.#builder.image;
  }

  /** Begins to follow the log. */
  start(): void {
    this.#metaLog.latestSnapshot((snapshot) => {
      if (this.#isClosed) return;
      if (snapshot instanceof Error) return this.#fail(snapshot);
      if (snapshot !== null) this.#step(() => this.#builder.loadSnapshot(snapshot));
      if (!this.#isClosed) this.#follow(this.#builder.nextOffset);
    });
  }

  /** A publisher that comes late hears of the present image first, as if it had all come at once. */
  addPublisher(publisher: MetadataPublisher): void {
    this.#publishers.push(publisher);
    if (this.image === emptyMetadataImage) return;
    const delta = MetadataDelta.fromNothing();
    for (const record of imageRecords(this.image)) delta.replay(record);
    publisher.onMetadataUpdate(delta, this.image);
  }

  removePublisher(publisher: MetadataPublisher): void {
    const index = this.#publishers.indexOf(publisher);
    if (index >= 0) this.#publishers.splice(index, 1);
  }

  close(): void {
    this.#isClosed = true;
    this.#subscription?.cancel();
    this.#subscription = null;
  }

  #follow(from: Offset): void {
    this.#subscription = this.#metaLog.subscribe(from, {
      onEntries: (entries: readonly MetaLogEntry[]) => {
        if (!this.#isClosed && entries.length > 0) this.#step(() => this.#builder.applyEntries(entries));
      },
      onFailed: (cause) => this.#fail(cause),
    });
  }

  #step(advance: () => ImageStep): void {
    let step: ImageStep;
    try {
      step = advance();
    } catch (error) {
      return this.#fail(error as Error);
    }
    for (const publisher of this.#publishers.slice()) publisher.onMetadataUpdate(step.delta, step.image);
  }

  #fail(cause: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#onFault(cause);
  }
}
