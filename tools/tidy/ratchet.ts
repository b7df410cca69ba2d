// Exceptions from rules, each with a reason. A cap's exception has a limit that may only go down; an
// exception that is not needed any more must be deleted.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "./finding.ts";

export interface Exception {
  readonly rule: string;
  readonly path: string;
  /** For caps: as much as there may be. */
  readonly limit?: number;
  /** For rules about names: the name that may stay. */
  readonly name?: string;
  readonly reason: string;
}

export function readExceptions(): readonly Exception[] {
  const file = join(import.meta.dirname, "ratchet.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { exceptions: Exception[] }).exceptions;
}

/** Findings that no exception covers, and the exceptions that cover one. */
export function applyExceptions(
  rule: string,
  findings: readonly Finding[],
  exceptions: readonly Exception[],
): { readonly left: readonly Finding[]; readonly used: ReadonlySet<Exception> } {
  const used = new Set<Exception>();
  const left = findings.filter((finding) => {
    const covering = exceptions.find((exception) => covers(exception, rule, finding));
    if (covering !== undefined) used.add(covering);
    return covering === undefined;
  });
  return { left, used };
}

function covers(exception: Exception, rule: string, finding: Finding): boolean {
  if (exception.rule !== rule || exception.path !== finding.path) return false;
  if (exception.name !== undefined && !finding.text.includes(exception.name)) return false;
  return (
    finding.measured === undefined || (exception.limit !== undefined && finding.measured <= exception.limit)
  );
}
