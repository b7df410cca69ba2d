// Why a follower does not append what its leader sent: records out of order, or that it has already.
import { errors } from "@ottla/protocol";
import { type Refused, refused } from "./append-outcome.ts";

/** Null when the records go on where the log ends, or behind it. */
export function followerRefusal(
  records: { readonly firstOffset: number; readonly areOffsetsMonotonic: boolean },
  logEndOffset: number,
): Refused | null {
  const { firstOffset, areOffsetsMonotonic } = records;
  if (!areOffsetsMonotonic) {
    return refused(errors.UNKNOWN_SERVER_ERROR, "The offsets from the leader do not ascend");
  }
  if (firstOffset >= logEndOffset) return null;
  return refused(
    errors.UNKNOWN_SERVER_ERROR,
    `Records from the leader start at ${firstOffset}, before the log's end ${logEndOffset}`,
  );
}
