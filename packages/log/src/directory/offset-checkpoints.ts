// The three checkpoint files of one log directory: recovery points, high watermarks, log starts. Gathered in
// pieces, as there is a line for every log, once a second. Invariant: what was gathered before something else
// was written is not written after it, since offsets may have been lowered between.
import { type DiskDone, endsPiece, type Pieces } from "@ottla/ports";
import {
  LOG_START_OFFSET_CHECKPOINT,
  offsetCheckpointLine,
  offsetCheckpointText,
  RECOVERY_POINT_CHECKPOINT,
  REPLICATION_OFFSET_CHECKPOINT,
} from "../checkpoint/offset-checkpoint.ts";
import type { LogContext } from "../log-context.ts";
import type { PartitionLog } from "../partition-log.ts";

type OffsetOf = (log: PartitionLog) => number | null;

/** What stands in each file; null: no line for this log. */
const files: ReadonlyMap<string, OffsetOf> = new Map<string, OffsetOf>([
  [RECOVERY_POINT_CHECKPOINT, (log) => log.recoveryPoint],
  [REPLICATION_OFFSET_CHECKPOINT, (log) => log.highWatermark],
  [LOG_START_OFFSET_CHECKPOINT, (log) => (log.isStartMoved ? log.logStartOffset : null)],
]);

/** The files of one directory. */
export class OffsetCheckpoints {
  readonly #context: LogContext;
  readonly #directory: string;
  readonly #logs: ReadonlyMap<string, PartitionLog>;
  /** As last written, by file name. */
  readonly #written = new Map<string, string>();
  /** Counts what was written without being gathered in pieces. */
  #writings = 0;
  /** Wait for the next writing of the log starts. */
  #startWaits: DiskDone[] = [];
  #isSavingStarts = false;

  constructor(context: LogContext, directory: string, logs: ReadonlyMap<string, PartitionLog>) {
    this.#context = context;
    this.#directory = directory;
    this.#logs = logs;
  }

  /** Starts to write the files that changed. */
  *saveLater(): Pieces<void> {
    for (const [name, offsetOf] of files) {
      const writings = this.#writings;
      const lines: string[] = [];
      let seen = 0;
      for (const log of this.#logs.values()) {
        addLine(lines, log, offsetOf);
        if (endsPiece(++seen)) yield;
      }
      // The next second sees to it.
      if (writings !== this.#writings) return;
      const content = offsetCheckpointText(lines);
      if (this.#written.get(name) === content) continue;
      this.#write(name, content, (error) => {
        if (error === null) return;
        const { logger } = this.#context;
        logger.warn("a checkpoint could not be written", { directory: this.#directory, name, cause: error });
      });
      yield;
    }
  }

  /** Writes all files before it returns. Throws `DiskError`. */
  saveNow(): void {
    this.#writings += 1;
    for (const [name, offsetOf] of files) {
      const content = this.#encode(offsetOf);
      const { disk } = this.#context.ports;
      disk.replaceFile(`${this.#directory}/${name}`, new TextEncoder().encode(content));
      this.#written.set(name, content);
    }
  }

  /** `done` in a later turn, once the log starts as they are now would be found after a crash. */
  saveStarts(done: DiskDone): void {
    this.#startWaits.push(done);
    if (!this.#isSavingStarts) this.#saveStarts();
  }

  /** One writing at a time, each for everyone who came until it began. */
  #saveStarts(): void {
    this.#writings += 1;
    const waits = this.#startWaits;
    this.#startWaits = [];
    this.#isSavingStarts = true;
    const content = this.#encode(files.get(LOG_START_OFFSET_CHECKPOINT) as OffsetOf);
    this.#write(LOG_START_OFFSET_CHECKPOINT, content, (error) => {
      this.#isSavingStarts = false;
      if (this.#startWaits.length > 0) this.#saveStarts();
      for (const done of waits) done(error);
    });
  }

  #write(name: string, content: string, done: DiskDone): void {
    this.#written.set(name, content);
    const { disk } = this.#context.ports;
    disk.replaceFileLater(`${this.#directory}/${name}`, new TextEncoder().encode(content), (error) => {
      if (error !== null) this.#written.delete(name);
      done(error);
    });
  }

  #encode(offsetOf: OffsetOf): string {
    const lines: string[] = [];
    for (const log of this.#logs.values()) addLine(lines, log, offsetOf);
    return offsetCheckpointText(lines);
  }
}

function addLine(lines: string[], log: PartitionLog, offsetOf: OffsetOf): void {
  const offset = offsetOf(log);
  if (offset !== null) lines.push(offsetCheckpointLine(log.topic, log.partition, offset));
}
