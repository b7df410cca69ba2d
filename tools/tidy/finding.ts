// What a rule says about a file, and what a rule is.
import type { Repository } from "./repository.ts";

export interface Finding {
  readonly path: string;
  /** From 1; 0 for the whole file. */
  readonly line: number;
  readonly text: string;
  /** For rules with a cap: how much there is. */
  readonly measured?: number;
}

export interface Rule {
  /** As exceptions in ratchet.json name it. */
  readonly name: string;
  /** A sentence that is true when nothing is found. */
  readonly promise: string;
  find(repository: Repository): readonly Finding[];
}

export function lineOf(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < index; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
