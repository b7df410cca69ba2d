// A DeleteRecords whose log starts have moved here, and which waits until the low watermark of each partition
// has followed. Not here: moving the log start (partition/).
import { type ErrorSpec, errors, type Offset } from "@ottla/protocol";
import type { Partition } from "../partition/partition.ts";
import { AckWait } from "./ack-wait.ts";
import { PartitionWaits } from "./partition-waits.ts";

/** Where a partition's outcome goes: its part of the response. */
export interface DeletedTarget {
  errorCode: number;
  lowWatermark: bigint;
}

/** One partition whose records are to be gone on every replica. */
export interface DeletedRecords {
  readonly partition: Partition;
  readonly requiredOffset: Offset;
  readonly target: DeletedTarget;
}

/** The partitions of one DeleteRecords. */
export class WaitingDeleteRecords extends PartitionWaits {
  /** One more partition to wait for, before `start`. */
  await(records: DeletedRecords): void {
    records.target.errorCode = errors.REQUEST_TIMED_OUT.code;
    records.target.lowWatermark = BigInt(records.partition.lowWatermark);
    const wait = new DeletedWait(records, this);
    this.add(wait);
    records.partition.awaitDeleted(wait);
  }
}

class DeletedWait extends AckWait {
  readonly #records: DeletedRecords;
  readonly #request: WaitingDeleteRecords;

  constructor(records: DeletedRecords, request: WaitingDeleteRecords) {
    super(records.requiredOffset);
    this.#records = records;
    this.#request = request;
  }

  override settled(error: ErrorSpec): void {
    const { target, partition } = this.#records;
    target.errorCode = error.code;
    target.lowWatermark = error === errors.NONE ? BigInt(partition.lowWatermark) : -1n;
    this.#request.settledOne();
  }
}
