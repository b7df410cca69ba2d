// Checks every line of a file of golden vectors. What a line is, is told by its fields, so that any file of
// these forms runs, whatever its name.
import { readFileSync } from "node:fs";
import type { Check, Vector } from "./check.ts";
import { checkBatchProbe, checkValidBatches } from "./kinds/batches.ts";
import { checkInternal } from "./kinds/internal.ts";
import { checkFrame, checkMessage } from "./kinds/messages.ts";
import { checkMisc } from "./kinds/misc.ts";

export interface Outcome {
  passed: number;
  failed: number;
  /** Vectors that belong to another package. */
  skipped: number;
  /** One text per failure: line number, what the vector is, why it failed. */
  failures: string[];
}

export function runFile(path: string | URL): Outcome {
  const outcome: Outcome = { passed: 0, failed: 0, skipped: 0, failures: [] };
  readFileSync(path, "utf8")
    .split("\n")
    .forEach((line, index) => {
      if (line.trim() === "") return;
      try {
        const vector = JSON.parse(line) as Vector;
        if (checkOf(vector)(vector) === "skipped") outcome.skipped += 1;
        else outcome.passed += 1;
      } catch (error) {
        outcome.failed += 1;
        const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        outcome.failures.push(`line ${index + 1}: ${line.slice(0, 160)}\n${reason}`);
      }
    });
  return outcome;
}

function checkOf(vector: Vector): Check {
  if (vector.family !== undefined) return checkInternal;
  if (vector.headerLength !== undefined) return checkFrame;
  if (vector.kind === "valid") return checkValidBatches;
  if (vector.kind === "probe") return checkBatchProbe;
  if (vector.kind !== undefined) return checkMessage;
  if (vector.type !== undefined) return checkMisc;
  // Sequences of appends belong to package log.
  if (vector.steps !== undefined) return () => "skipped";
  throw new Error("no kind of golden vector has these fields");
}
