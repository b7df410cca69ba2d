// Turns log entries and snapshots into images, one per call, in pieces that a caller may run over several
// turns. Invariant: between calls the image is whole. Owns the metadata transaction (KIP-868): records
// between BeginTransactionRecord and EndTransactionRecord wait and take effect together, or not at all. Used
// by the loader of every node and by a controller that starts. Not here: reading the log
// (metadata-loader.ts), what a record does (metadata-delta.ts).
import { endsPiece, type Pieces } from "@ottla/ports";
import type { Offset } from "@ottla/protocol";
import { MetadataDelta } from "../image/metadata-delta.ts";
import { emptyMetadataImage, type MetadataImage } from "../image/metadata-image.ts";
import { TRANSACTION_BYTES_MAX } from "../limits.ts";
import type { MetaLogEntry, MetaLogSnapshot } from "../meta-log/meta-log.ts";
import { MetadataError } from "../metadata-error.ts";
import { decodeMetadataRecord, type MetadataRecord } from "../records/metadata-record.ts";

/** One step: the image and how it came from the one before. */
export interface ImageStep {
  readonly delta: MetadataDelta;
  readonly image: MetadataImage;
}

interface OpenTransaction {
  readonly name: string | null;
  readonly beginOffset: Offset;
  readonly records: MetadataRecord[];
  bytes: number;
}

/** The image so far. After a throw the builder is useless. */
export class ImageBuilder {
  #image: MetadataImage = emptyMetadataImage;
  #nextOffset = 0;
  #transaction: OpenTransaction | null = null;

  get image(): MetadataImage {
    return this.#image;
  }

  /** The offset of the entry that must come next. */
  get nextOffset(): Offset {
    return this.#nextOffset as Offset;
  }

  /** Where the unfinished transaction began, and its name; null when none is open. */
  get openTransaction(): { readonly beginOffset: Offset; readonly name: string | null } | null {
    return this.#transaction;
  }

  /** Starts over from a snapshot. @throws MetadataError */
  *loadSnapshot(snapshot: MetaLogSnapshot): Pieces<ImageStep> {
    const delta = MetadataDelta.fromNothing();
    for (const [index, frame] of snapshot.records.entries()) {
      replayAt(delta, decodeMetadataRecord(frame), snapshot.id.endOffset);
      if (endsPiece(index + 1)) yield;
    }
    this.#transaction = null;
    this.#nextOffset = snapshot.id.endOffset;
    this.#image = yield* delta.applyInPieces({
      offset: (snapshot.id.endOffset - 1) as Offset,
      epoch: snapshot.id.epoch,
      timestampMs: snapshot.lastContainedTimestampMs,
    });
    return { delta, image: this.#image };
  }

  /** Applies entries that follow each other and what came before. @throws MetadataError */
  *applyEntries(entries: readonly MetaLogEntry[]): Pieces<ImageStep> {
    const delta = new MetadataDelta(this.#image);
    let { epoch, timestampMs } = this.#image;
    for (const entry of entries) {
      if (entry.baseOffset !== this.#nextOffset) {
        throw new MetadataError(`expected the entry at offset ${this.#nextOffset}, got ${entry.baseOffset}`);
      }
      for (const [index, frame] of entry.records.entries()) {
        const offset = (entry.baseOffset + index) as Offset;
        const ended = this.#replayFrame(delta, frame, offset);
        if (ended !== null) yield* replayAll(delta, ended, offset);
        if (endsPiece(index + 1)) yield;
      }
      this.#nextOffset = entry.lastOffset + 1;
      epoch = entry.epoch;
      timestampMs = entry.timestampMs;
    }
    // While a transaction is open the image stands before it, so that a snapshot of it loses nothing.
    const end = this.#transaction?.beginOffset ?? this.#nextOffset;
    this.#image = yield* delta.applyInPieces({ offset: (end - 1) as Offset, epoch, timestampMs });
    return { delta, image: this.#image };
  }

  /** Answers the records of the transaction that ended with it, which are to be replayed; else null. */
  #replayFrame(delta: MetadataDelta, frame: Uint8Array, offset: Offset): readonly MetadataRecord[] | null {
    const record = decodeMetadataRecord(frame);
    const transaction = this.#transaction;
    switch (record.name) {
      case "BeginTransactionRecord":
        if (transaction !== null) throw outOfPlace(record.name, offset);
        this.#transaction = { name: record.data.name, beginOffset: offset, records: [], bytes: 0 };
        return null;
      case "EndTransactionRecord":
        if (transaction === null) throw outOfPlace(record.name, offset);
        this.#transaction = null;
        return transaction.records;
      case "AbortTransactionRecord":
        if (transaction === null) throw outOfPlace(record.name, offset);
        this.#transaction = null;
        return null;
      default:
        if (transaction === null) {
          replayAt(delta, record, offset);
          return null;
        }
        transaction.records.push(record);
        transaction.bytes += frame.length;
        if (transaction.bytes > TRANSACTION_BYTES_MAX) {
          throw new MetadataError(
            `the metadata transaction at offset ${transaction.beginOffset} exceeds ${TRANSACTION_BYTES_MAX} bytes`,
          );
        }
        return null;
    }
  }
}

/** As large as a decision: thousands of records that stand in several entries. */
function* replayAll(delta: MetadataDelta, records: readonly MetadataRecord[], offset: Offset): Pieces<void> {
  for (const [index, record] of records.entries()) {
    replayAt(delta, record, offset);
    if (endsPiece(index + 1)) yield;
  }
}

function replayAt(delta: MetadataDelta, record: MetadataRecord, offset: Offset): void {
  try {
    delta.replay(record);
  } catch (error) {
    if (!(error instanceof MetadataError)) throw error;
    throw new MetadataError(`metadata offset ${offset}: ${error.message}`, { cause: error });
  }
}

function outOfPlace(name: string, offset: Offset): MetadataError {
  return new MetadataError(`metadata offset ${offset}: ${name} is out of place`);
}
