// A partition that this broker leads, as a coordinator writes and reads it. Invariant: nothing is appended in
// another leader epoch than the one it was made for, so that decisions made before a change of leader never
// follow it into the log. Not here: when a coordinator gets a partition (coordinated-partitions.ts).
import type { CoordinatorAppendOutcome, CoordinatorLog, CoordinatorReadResult } from "@ottla/coordinator";
import type { AppendOutcome, ReadResult } from "@ottla/log";
import type { Turn } from "@ottla/ports";
import { errors, type Offset } from "@ottla/protocol";
import type { Partition } from "../partition/partition.ts";

const allInSync = -1;

/** The log of one coordinator partition in one leader epoch. */
export class PartitionCoordinatorLog implements CoordinatorLog {
  readonly #partition: Partition;
  readonly #leaderEpoch: number;
  readonly #turn: Turn;

  /** The partition is led by this broker. */
  constructor(partition: Partition, turn: Turn) {
    this.#partition = partition;
    this.#leaderEpoch = partition.leaderEpoch;
    this.#turn = turn;
  }

  get logStartOffset(): number {
    return this.#partition.log?.logStartOffset ?? -1;
  }

  get logEndOffset(): number {
    return this.#partition.log?.logEndOffset ?? -1;
  }

  get highWatermark(): number {
    return this.#partition.log?.highWatermark ?? -1;
  }

  get batchBytesMax(): number {
    return this.#partition.log?.config.maxMessageBytes ?? 0;
  }

  append(batch: Uint8Array, done: (outcome: CoordinatorAppendOutcome) => void): void {
    if (this.#partition.leaderEpoch !== this.#leaderEpoch) {
      done({ kind: "refused", error: errors.NOT_LEADER_OR_FOLLOWER });
      return;
    }
    const options = { origin: "coordinator", requiredAcks: allInSync } as const;
    this.#partition.appendAsLeader(batch, options, (outcome) => done(outcomeFor(outcome)));
  }

  read(offset: number, bytesMax: number, done: (result: CoordinatorReadResult) => void): void {
    const { log } = this.#partition;
    if (log === null || this.#partition.leaderEpoch !== this.#leaderEpoch) {
      done({ kind: "failed", error: errors.NOT_LEADER_OR_FOLLOWER });
      return;
    }
    if (offset >= log.logEndOffset) {
      done({ kind: "end" });
      return;
    }
    const upperBound = log.logEndOffset;
    const request = { offset: offset as Offset, bytesMax, atLeastOneBatch: true, upperBound };
    log.read(request, (result) => {
      if (result.kind === "slice" && result.slice.bytes === 0) {
        // Appended but not yet written; that happens within this turn.
        result.slice.release();
        this.#turn.nextSlice(() => this.read(offset, bytesMax, done));
      } else done(batchesFor(result));
    });
  }
}

function outcomeFor(outcome: AppendOutcome): CoordinatorAppendOutcome {
  switch (outcome.kind) {
    case "appended":
      return { kind: "appended", firstOffset: outcome.firstOffset, lastOffset: outcome.lastOffset };
    case "refused":
      return { kind: "refused", error: outcome.error };
    case "duplicate":
      throw new Error("a coordinator's batch without a producer cannot be a duplicate");
  }
}

function batchesFor(result: ReadResult): CoordinatorReadResult {
  switch (result.kind) {
    case "slice":
      return { kind: "batches", bytes: result.slice.parts, release: () => result.slice.release() };
    case "out-of-range":
      return { kind: "failed", error: errors.OFFSET_OUT_OF_RANGE };
    case "failed":
      return { kind: "failed", error: result.error };
  }
}
