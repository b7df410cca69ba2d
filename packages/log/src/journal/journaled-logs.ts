// What the sync journal holds of each log after an unclean stop, for the recovery scan to ask: a second
// source for bytes that the segment's file has lost. Invariant: bytes are given out for exactly the position
// and, as far as it is known, exactly the offset that the scan has come to.
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchLastOffset,
  batchPartitionLeaderEpoch,
  batchSizeInBytes,
  type Uuid,
} from "@ottla/protocol";
import type { JournaledRun } from "./journal-format.ts";

/** A batch in the journal. */
interface JournaledBatch {
  readonly run: JournaledRun;
  /** Where it starts in the run's bytes. */
  readonly at: number;
  /** Where it belongs in the segment's file. */
  readonly position: number;
  /** The log's end before it. */
  readonly startOffset: number;
}

/** Batches of one segment, from the first one on that is not wholly below the recovery point. */
export class JournaledSegment {
  readonly #byPosition = new Map<number, JournaledBatch>();
  /** Positions, ascending. */
  readonly #positions: readonly number[];
  /** Everything of the segment below was durable, in its file or here. */
  readonly endOffset: number;

  constructor(runs: readonly JournaledRun[], recoveryPoint: number) {
    for (const run of runs) {
      for (const batch of batchesOf(run)) {
        const isKnownDurable = batchLastOffset(run.bytes, batch.at) < recoveryPoint;
        if (!isKnownDurable) this.#byPosition.set(batch.position, batch);
      }
    }
    this.#positions = [...this.#byPosition.keys()].sort((left, right) => left - right);
    this.endOffset = runs.reduce((end, run) => Math.max(end, run.endOffset), 0);
  }

  /**
   * Bytes that belong at `position` of a log that ends there with `endOffset`; null when there are none.
   * Where the scan does not know its offset, because of damage before, one at or above `endOffset` will do.
   * What an older leader wrote than the records before it is no part of this log.
   */
  bytesAt(
    position: number,
    log: { readonly endOffset: number; readonly isEndSure: boolean; readonly leaderEpoch: number },
  ): Uint8Array | null {
    const found = this.#byPosition.get(position);
    if (found === undefined) return null;
    if (batchPartitionLeaderEpoch(found.run.bytes, found.at) < log.leaderEpoch) return null;
    const isRight = log.isEndSure
      ? found.startOffset === log.endOffset
      : batchBaseOffset(found.run.bytes, found.at) >= log.endOffset;
    return isRight ? found.run.bytes.subarray(found.at) : null;
  }

  /** The first position behind `position` that has bytes of offsets at or above `offsetMin`; null: none. */
  nextPosition(position: number, offsetMin: number): number | null {
    const found = this.#positions.find((next) => {
      const { run, at } = this.#byPosition.get(next) as JournaledBatch;
      return next > position && batchBaseOffset(run.bytes, at) >= offsetMin;
    });
    return found ?? null;
  }
}

/** What the journal has of one log. */
export interface JournaledLog {
  /** The log's end when the journal was last written for it. */
  readonly endOffset: number;
  /** Null when the journal has nothing of the segment. */
  segment(baseOffset: number, recoveryPoint: number): JournaledSegment | null;
}

/** What the journal of a directory holds. */
export class JournaledLogs {
  /** Of all runs. */
  readonly bytes: number;
  /** In the order of their writing, by directory name and topic id. */
  readonly #runs = new Map<string, JournaledRun[]>();

  constructor(runs: readonly JournaledRun[]) {
    this.bytes = runs.reduce((sum, run) => sum + run.bytes.length, 0);
    for (const run of runs) {
      const key = journalKey(run.name, run.topicId);
      const known = this.#runs.get(key);
      if (known === undefined) this.#runs.set(key, [run]);
      else known.push(run);
    }
  }

  /** True when there is something of a log of this name, whatever its topic. */
  holds(name: string): boolean {
    for (const [run] of this.#runs.values()) if (run?.name === name) return true;
    return false;
  }

  /** Null when there is nothing of a log of this name and topic. */
  log(name: string, topicId: Uuid): JournaledLog | null {
    const runs = this.#runs.get(journalKey(name, topicId));
    if (runs === undefined) return null;
    return {
      endOffset: runs.reduce((end, run) => Math.max(end, run.endOffset), 0),
      segment: (baseOffset, recoveryPoint) => {
        const own = runs.filter((run) => run.segmentBaseOffset === baseOffset);
        return own.length === 0 ? null : new JournaledSegment(own, recoveryPoint);
      },
    };
  }
}

/** Whose bytes: a topic that was deleted and created again has another id. */
export function journalKey(name: string, topicId: Uuid): string {
  return `${name}/${topicId}`;
}

function* batchesOf(run: JournaledRun): Generator<JournaledBatch> {
  let startOffset = run.startOffset;
  for (let at = 0; at + BATCH_HEADER_BYTES <= run.bytes.length; at += batchSizeInBytes(run.bytes, at)) {
    yield { run, at, position: run.position + at, startOffset };
    startOffset = batchLastOffset(run.bytes, at) + 1;
  }
}
