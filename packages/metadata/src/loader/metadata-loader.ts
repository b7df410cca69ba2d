// Follows the metadata log for one node: snapshot, then every entry, batch by batch, into images, and tells
// the publishers. Large steps take several turns, one after the other. The image is the newest one loaded:
// publishers may still be told of it. A node that cannot understand an entry stops here: `onFault` is called
// once and no image comes after it.
import { endsPiece, type Pieces, type SlicedWork, type Slices } from "@ottla/ports";
import type { Offset } from "@ottla/protocol";
import { MetadataDelta } from "../image/metadata-delta.ts";
import { emptyMetadataImage, imageRecords, type MetadataImage } from "../image/metadata-image.ts";
import type { MetaLogEntry, MetaLogReader, MetaLogSubscription } from "../meta-log/meta-log.ts";
import { MetadataError } from "../metadata-error.ts";
import { ImageBuilder, type ImageStep } from "./image-builder.ts";
import type { MetadataPublisher } from "./metadata-publisher.ts";

export interface MetadataLoaderOptions {
  readonly metaLog: MetaLogReader;
  readonly slices: Slices;
  /** The node must stop: its picture of the cluster can no longer be kept. */
  readonly onFault: (cause: Error) => void;
}

/** The newest image of a node, and who wants to know of it. */
export class MetadataLoader {
  readonly #metaLog: MetaLogReader;
  readonly #onFault: (cause: Error) => void;
  readonly #slices: Slices;
  readonly #publishers: MetadataPublisher[] = [];
  #builder = new ImageBuilder();
  #subscription: MetaLogSubscription | null = null;
  /** Steps to come; one is under way while `#work` is. */
  readonly #steps: (() => Pieces<void>)[] = [];
  #work: SlicedWork | null = null;
  #isBusy = false;
  readonly #whenSettled: (() => void)[] = [];
  #isClosed = false;

  constructor(options: MetadataLoaderOptions) {
    this.#metaLog = options.metaLog;
    this.#onFault = options.onFault;
    this.#slices = options.slices;
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
      if (snapshot !== null) this.#add(() => this.#load(this.#builder.loadSnapshot(snapshot)));
      this.#settled(() => {
        if (!this.#isClosed) this.#follow(this.#builder.nextOffset);
      });
    });
  }

  /**
   * A publisher that comes late hears of the present image first, as if it had all come at once. `done` runs
   * when it has, before the return when that is little.
   */
  addPublisher(publisher: MetadataPublisher, done: () => void = () => {}): void {
    this.#add(() => this.#introduce(publisher, done));
  }

  /**
   * Runs `callback` when the publishers know of everything that the log has told so far; at once if they do.
   */
  whenPublished(callback: () => void): void {
    this.#settled(callback);
  }

  removePublisher(publisher: MetadataPublisher): void {
    const index = this.#publishers.indexOf(publisher);
    if (index >= 0) this.#publishers.splice(index, 1);
  }

  close(): void {
    this.#isClosed = true;
    this.#steps.length = 0;
    this.#work?.cancel();
    this.#subscription?.cancel();
    this.#subscription = null;
  }

  #follow(from: Offset): void {
    this.#subscription = this.#metaLog.subscribe(from, {
      onEntries: (entries: readonly MetaLogEntry[]) => {
        if (entries.length > 0) this.#add(() => this.#load(this.#builder.applyEntries(entries)));
      },
      onFailed: (cause) => this.#fail(cause),
    });
  }

  *#load(advance: Pieces<ImageStep>): Pieces<void> {
    const { delta, image } = yield* advance;
    // Whoever comes from here on is introduced to this image by a step of its own.
    for (const publisher of this.#publishers.slice()) yield* tell(publisher, delta, image);
  }

  *#introduce(publisher: MetadataPublisher, done: () => void): Pieces<void> {
    this.#publishers.push(publisher);
    const { image } = this;
    if (image !== emptyMetadataImage) {
      const delta = MetadataDelta.fromNothing();
      let items = 0;
      for (const record of imageRecords(image)) {
        delta.replay(record);
        if (endsPiece(++items)) yield;
      }
      yield* tell(publisher, delta, image);
    }
    done();
  }

  #add(step: () => Pieces<void>): void {
    if (this.#isClosed) return;
    this.#steps.push(step);
    if (!this.#isBusy) this.#runSteps();
  }

  #runSteps(): void {
    this.#isBusy = true;
    const step = this.#steps.shift();
    if (step === undefined) {
      this.#isBusy = false;
      this.#work = null;
      for (const callback of this.#whenSettled.splice(0)) callback();
      return;
    }
    this.#work = this.#slices.run("metadata publishing", step(), {
      done: () => this.#runSteps(),
      failed: (error) => {
        if (!(error instanceof MetadataError)) throw error;
        this.#fail(error);
      },
    });
  }

  #settled(callback: () => void): void {
    if (this.#isBusy) this.#whenSettled.push(callback);
    else callback();
  }

  #fail(cause: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#onFault(cause);
  }
}

function* tell(publisher: MetadataPublisher, delta: MetadataDelta, image: MetadataImage): Pieces<void> {
  const work = publisher.onMetadataUpdate(delta, image);
  if (work !== undefined) yield* work;
}
