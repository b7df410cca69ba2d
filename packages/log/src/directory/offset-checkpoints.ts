// The checkpoint files of one log directory: recovery points, high watermarks, log starts, cleaned ends.
// Gathered in pieces, as there is a line for every log, once a second. Invariant: what was gathered before
// something else was written is not written after it, since offsets may have been lowered between.
import { type DiskDone, type DiskError, endsPiece, type Pieces, runWhole } from "@ottla/ports";
import {
  CLEANER_OFFSET_CHECKPOINT,
  LOG_START_OFFSET_CHECKPOINT,
  offsetCheckpointHead,
  offsetCheckpointLine,
  RECOVERY_POINT_CHECKPOINT,
  REPLICATION_OFFSET_CHECKPOINT,
} from "../checkpoint/offset-checkpoint.ts";
import { CHECKPOINT_GATHERS_DISTURBED_MAX, CHECKPOINT_LINES_PER_PAGE } from "../limits.ts";
import type { LogContext } from "../log-context.ts";
import type { PartitionLog } from "../partition-log.ts";

type OffsetOf = (log: PartitionLog) => number | null;

/** What stands in each file; null: no line for this log. */
const files: ReadonlyMap<string, OffsetOf> = new Map<string, OffsetOf>([
  [RECOVERY_POINT_CHECKPOINT, (log) => log.recoveryPoint],
  // Recovery takes what is below for durable.
  [REPLICATION_OFFSET_CHECKPOINT, (log) => Math.min(log.highWatermark, log.survivingEndOffset)],
  [LOG_START_OFFSET_CHECKPOINT, (log) => (log.isStartMoved ? log.logStartOffset : null)],
  [CLEANER_OFFSET_CHECKPOINT, cleanedEndOf],
]);

/** Never above what is durable: a log that is about to be cut has lowered that already. */
function cleanedEndOf({ opened, fileSyncedEndOffset }: PartitionLog): number | null {
  const { cleanedEndOffset } = opened.local;
  return cleanedEndOffset === null ? null : Math.min(cleanedEndOffset, fileSyncedEndOffset);
}

/** The files of one directory. */
export class OffsetCheckpoints {
  readonly #context: LogContext;
  readonly #directory: string;
  readonly #logs: ReadonlyMap<string, PartitionLog>;
  /** As last written, by file name: pages of so many lines, which is what a piece joins or compares. */
  readonly #written = new Map<string, readonly string[]>();
  /** By file name, the last of the writings that the pool has not ended. */
  readonly #underWay = new Map<string, Content>();
  /** Counts what was written without being gathered in pieces. */
  #writings = 0;
  /** Wait for the next writing of the log starts. */
  #startWaits: DiskDone[] = [];
  #isSavingStarts = false;
  /** Directory names of logs that are gone and may still have lines. */
  readonly #stale = new Set<string>();

  constructor(context: LogContext, directory: string, logs: ReadonlyMap<string, PartitionLog>) {
    this.#context = context;
    this.#directory = directory;
    this.#logs = logs;
  }

  /** At opening: lines were found of a log that is not there. */
  foundStale(name: string): void {
    this.#stale.add(name);
  }

  /** The log of this directory name is gone; its lines go with the next writing. */
  left(name: string): void {
    this.#stale.add(name);
  }

  /**
   * A log of this directory name begins anew: what stands in the files of one before must not be found for
   * it. Throws `DiskError`.
   */
  beginAnew(name: string): void {
    if (this.#stale.has(name)) this.saveNow();
  }

  /** The same without blocking: pieces pass idly while the pool writes. Throws `DiskError`. */
  *beginAnewInPieces(name: string): Pieces<void> {
    while (this.#stale.has(name)) yield* this.#saveAll();
  }

  /** Starts to write the files that changed. */
  *saveLater(): Pieces<void> {
    const savedFile = this.#countSaved([...this.#stale]);
    for (const [name, offsetOf] of files) {
      const writings = this.#writings;
      const content = yield* this.#gather(name, offsetOf);
      // The next second sees to it.
      if (writings !== this.#writings) return;
      if (content.isWritten) {
        if (!this.#underWay.has(name)) savedFile();
        continue;
      }
      const bytes = yield* encoded(content);
      if (writings !== this.#writings) return;
      this.#write(name, content, bytes, (error) => {
        if (error === null) {
          savedFile();
          return;
        }
        const { logger } = this.#context;
        logger.warn("a checkpoint could not be written", { directory: this.#directory, name, cause: error });
      });
      yield;
    }
  }

  /** Throws `DiskError`. */
  *#saveAll(): Pieces<void> {
    const stale = [...this.#stale];
    const failures: DiskError[] = [];
    let left = 0;
    for (const [name, offsetOf] of files) {
      const { content, bytes } = yield* this.#gatherUndisturbed(name, offsetOf);
      if (content.isWritten && !this.#underWay.has(name)) continue;
      // What others gathered before knows logs that are gone.
      this.#writings += 1;
      left += 1;
      this.#write(name, content, bytes, (error) => {
        left -= 1;
        if (error !== null) failures.push(error);
      });
    }
    while (left > 0) yield;
    const [failure] = failures;
    if (failure !== undefined) throw failure;
    for (const name of stale) this.#stale.delete(name);
  }

  /** At once where others write all the time. */
  *#gatherUndisturbed(name: string, offsetOf: OffsetOf): Pieces<{ content: Content; bytes: Uint8Array }> {
    for (let tries = 0; tries < CHECKPOINT_GATHERS_DISTURBED_MAX; tries += 1) {
      const writings = this.#writings;
      const content = yield* this.#gather(name, offsetOf);
      const bytes = yield* encoded(content);
      if (writings === this.#writings) return { content, bytes };
    }
    const content = runWhole(this.#gather(name, offsetOf));
    return { content, bytes: runWhole(encoded(content)) };
  }

  /** To be called for each file that is saved: after the last one none has a line of the `stale` logs. */
  #countSaved(stale: readonly string[]): () => void {
    const writings = this.#writings;
    let left = files.size;
    return () => {
      left -= 1;
      if (left > 0 || writings !== this.#writings) return;
      for (const name of stale) this.#stale.delete(name);
    };
  }

  /** Writes all files before it returns. Throws `DiskError`. */
  saveNow(): void {
    this.#writings += 1;
    for (const [name, offsetOf] of files) {
      const content = runWhole(this.#gather(name, offsetOf));
      const { disk } = this.#context.ports;
      disk.replaceFile(`${this.#directory}/${name}`, runWhole(encoded(content)));
      this.#written.set(name, content.pages);
    }
    this.#stale.clear();
  }

  /** `done` in a later turn, once the log starts as they are now would be found after a crash. */
  saveStarts(done: DiskDone): void {
    this.#startWaits.push(done);
    if (!this.#isSavingStarts) this.#saveStarts();
  }

  /** `done` in a later turn, once the recovery points as they are now would be found after a crash. */
  saveRecoveryPoints(done: DiskDone): void {
    this.#writings += 1;
    const name = RECOVERY_POINT_CHECKPOINT;
    const content = runWhole(this.#gather(name, files.get(name) as OffsetOf));
    this.#write(name, content, runWhole(encoded(content)), done);
  }

  /** One writing at a time, each for everyone who came until it began. */
  #saveStarts(): void {
    this.#writings += 1;
    const waits = this.#startWaits;
    this.#startWaits = [];
    this.#isSavingStarts = true;
    const name = LOG_START_OFFSET_CHECKPOINT;
    const content = runWhole(this.#gather(name, files.get(name) as OffsetOf));
    this.#write(name, content, runWhole(encoded(content)), (error) => {
      this.#isSavingStarts = false;
      if (this.#startWaits.length > 0) this.#saveStarts();
      for (const done of waits) done(error);
    });
  }

  #write(name: string, content: Content, bytes: Uint8Array, done: DiskDone): void {
    this.#written.set(name, content.pages);
    this.#underWay.set(name, content);
    const { disk } = this.#context.ports;
    disk.replaceFileLater(`${this.#directory}/${name}`, bytes, (error) => {
      if (this.#underWay.get(name) === content) this.#underWay.delete(name);
      if (error !== null) this.#written.delete(name);
      done(error);
    });
  }

  *#gather(name: string, offsetOf: OffsetOf): Pieces<Content> {
    const written = this.#written.get(name);
    const pages: string[] = [];
    let isWritten = written !== undefined;
    const endPage = (page: string): void => {
      isWritten &&= page === written?.[pages.length];
      pages.push(page);
    };
    let lineCount = 0;
    let page = "";
    let seen = 0;
    for (const log of this.#logs.values()) {
      const offset = offsetOf(log);
      if (offset !== null) {
        page += offsetCheckpointLine(log.topic, log.partition, offset);
        lineCount += 1;
        if (lineCount % CHECKPOINT_LINES_PER_PAGE === 0) {
          endPage(page);
          page = "";
        }
      }
      if (endsPiece(++seen)) yield;
    }
    if (page !== "") endPage(page);
    isWritten &&= pages.length === written?.length;
    return { lineCount, pages, isWritten };
  }
}

/** What a file holds after its head. */
interface Content {
  readonly lineCount: number;
  readonly pages: readonly string[];
  /** As it stands in the file. */
  readonly isWritten: boolean;
}

function* encoded({ lineCount, pages }: Content): Pieces<Uint8Array> {
  const encoder = new TextEncoder();
  const parts = [encoder.encode(offsetCheckpointHead(lineCount))];
  let bytes = parts[0]?.length ?? 0;
  for (const page of pages) {
    const part = encoder.encode(page);
    parts.push(part);
    bytes += part.length;
    yield;
  }
  const whole = new Uint8Array(bytes);
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
