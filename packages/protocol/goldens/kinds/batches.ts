// Vectors of batches.jsonl: `valid` buffers of batches, and `probe`s of damaged ones.
import type { Check } from "../check.ts";

export const checkValidBatches: Check = () => "skipped";

export const checkBatchProbe: Check = () => "skipped";
