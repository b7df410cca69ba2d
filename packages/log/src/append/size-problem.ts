// Whether validated batches are small enough for their topic, after a recompression may have made them
// larger.
import type { LogConfig } from "@ottla/config";
import { errors } from "@ottla/protocol";
import { type Refused, refused } from "./append-outcome.ts";
import type { ValidBatch } from "./validate-for-leader.ts";

/** Null when one append of these batches fits. */
export function sizeProblem(batches: readonly ValidBatch[], config: LogConfig): Refused | null {
  let bytes = 0;
  for (const batch of batches) {
    bytes += batch.size;
    if (batch.size > config.maxMessageBytes) {
      return refused(
        errors.MESSAGE_TOO_LARGE,
        `Recompressed to ${batch.size} bytes, more than max.message.bytes ${config.maxMessageBytes}`,
      );
    }
  }
  if (bytes <= config.segmentBytes) return null;
  return refused(
    errors.RECORD_LIST_TOO_LARGE,
    `${bytes} bytes are more than a segment of ${config.segmentBytes} holds`,
  );
}
