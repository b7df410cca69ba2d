// The memory in which the next group of the sync journal is put together: headers and the bytes of each run,
// copied from tail blocks, so that one positional write takes them all. Grows to the largest group and stays.
import { JOURNAL_PAGE_BYTES } from "../limits.ts";
import type { PartitionLog } from "../partition-log.ts";
import {
  encodeGroupHeader,
  encodeRunHeader,
  GROUP_HEADER_BYTES,
  pagesFor,
  runBytes,
} from "./journal-format.ts";
import type { JournalRun } from "./journal-run.ts";

const FIRST_BYTES: number = 16 * JOURNAL_PAGE_BYTES;

/** A log and what of it is in the group. */
export interface GroupMember {
  readonly log: PartitionLog;
  readonly run: JournalRun;
}

/** The next group. */
export class JournalGroupMemory {
  readonly #bytesMax: number;
  #memory = new Uint8Array(0);
  #bytes: number = GROUP_HEADER_BYTES;
  #members: GroupMember[] = [];

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get members(): readonly GroupMember[] {
    return this.#members;
  }

  /** Whole pages. */
  get paddedBytes(): number {
    return pagesFor(this.#bytes);
  }

  begin(): void {
    this.#bytes = GROUP_HEADER_BYTES;
    this.#members = [];
  }

  /** False, and nothing done, when the group has no room for the run. */
  add(log: PartitionLog, run: JournalRun): boolean {
    const end = this.#bytes + runBytes(log.directoryName, run.bytes);
    if (pagesFor(end) > this.#bytesMax) return false;
    this.#reserve(pagesFor(end));
    const place = {
      name: log.directoryName,
      topicId: log.topicId,
      segmentBaseOffset: run.segmentBaseOffset,
      position: run.position,
      startOffset: run.startOffset,
      endOffset: run.endOffset,
    };
    let at = encodeRunHeader(this.#memory, this.#bytes, place, run.bytes);
    for (const part of run.parts) {
      this.#memory.set(part, at);
      at += part.length;
    }
    if (at !== end) throw new Error(`a run of ${log.directoryName} has ${at - end} bytes too many`);
    this.#bytes = end;
    this.#members.push({ log, run });
    return true;
  }

  /** The group's bytes, valid until the next `begin`. */
  complete(generation: number, sequence: number): Uint8Array {
    const bytes = this.#bytes;
    const padded = this.#memory.subarray(0, this.paddedBytes);
    padded.fill(0, bytes);
    encodeGroupHeader(padded, { generation, sequence, bytes, runs: this.#members.length });
    return padded;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#memory.length) return;
    const grown = new Uint8Array(
      Math.min(this.#bytesMax, Math.max(2 * this.#memory.length, bytes, FIRST_BYTES)),
    );
    grown.set(this.#memory.subarray(0, this.#bytes));
    this.#memory = grown;
  }
}
