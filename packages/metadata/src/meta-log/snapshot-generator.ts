// Decides when the metadata log gets a snapshot: after so many bytes, or so long after the last one when
// there is anything new. Then it has what the snapshot makes superfluous removed. A publisher of the node
// that owns the log.
import type { Clock, Slices } from "@ottla/ports";
import type { Offset } from "@ottla/protocol";
import type { MetadataDelta } from "../image/metadata-delta.ts";
import { imageRecords, type MetadataImage } from "../image/metadata-image.ts";
import type { MetadataPublisher } from "../loader/metadata-publisher.ts";
import { encodeMetadataRecords } from "../records/metadata-record.ts";
import type { MetaLog } from "./meta-log.ts";

export interface SnapshotGeneratorOptions {
  readonly metaLog: MetaLog;
  /** An image is turned into records in slices of the loop. */
  readonly slices: Slices;
  readonly clock: Clock;
  /** `metadata.log.max.record.bytes.between.snapshots` */
  readonly recordBytesMax: number;
  /** `metadata.log.max.snapshot.interval.ms`; 0: no such reason. */
  readonly intervalMsMax: number;
  readonly onFailed: (cause: Error) => void;
}

/** Writes snapshots of the newest image. */
export class SnapshotGenerator implements MetadataPublisher {
  readonly name: string = "snapshot generator";
  readonly #options: SnapshotGeneratorOptions;
  #lastMs: number;
  #isWriting = false;
  #image: MetadataImage | null = null;

  constructor(options: SnapshotGeneratorOptions) {
    this.#options = options;
    this.#lastMs = options.clock.monotonicMs();
  }

  onMetadataUpdate(_delta: MetadataDelta, image: MetadataImage): void {
    this.#image = image;
    this.tick();
  }

  /** Looks whether a snapshot is due; metadata that stands still does not wake the generator by itself. */
  tick(): void {
    const { metaLog, clock, recordBytesMax, intervalMsMax } = this.#options;
    if (this.#isWriting || metaLog.bytesSinceSnapshot === 0) return;
    const isOld = intervalMsMax > 0 && clock.monotonicMs() - this.#lastMs >= intervalMsMax;
    if (isOld || metaLog.bytesSinceSnapshot >= recordBytesMax) this.write(() => {});
  }

  /** Writes a snapshot of the newest image now. */
  write(done: () => void): void {
    const image = this.#image;
    if (image === null || image.offset < 0 || this.#isWriting) return done();
    this.#isWriting = true;
    const { slices } = this.#options;
    slices.run("metadata snapshot", encodeMetadataRecords(imageRecords(image)), {
      done: (records) => this.#writeRecords(image, records, done),
    });
  }

  #writeRecords(image: MetadataImage, records: readonly Uint8Array[], done: () => void): void {
    const { metaLog, clock } = this.#options;
    const id = { endOffset: (image.offset + 1) as Offset, epoch: image.epoch };
    metaLog.writeSnapshot({ id, lastContainedTimestampMs: image.timestampMs, records }, (error) => {
      this.#isWriting = false;
      this.#lastMs = clock.monotonicMs();
      if (error === null) metaLog.clean(clock.wallMs());
      else this.#options.onFailed(error);
      done();
    });
  }
}
