// Files and directories that are no part of any log: what an interrupted deletion or compaction left, what a
// move between directories has not ended, what recovery kept aside.
import {
  isDeletedDirectoryName,
  parseFutureDirectoryName,
  STRAY_SUFFIX,
} from "../directory/log-directory-name.ts";
import {
  baseOffsetOfFileName,
  CLEANED_SUFFIX,
  CUT_SUFFIX,
  DELETED_SUFFIX,
  LOG_SUFFIX,
  SEGMENT_SUFFIXES,
  SWAP_SUFFIX,
} from "../segment/segment-file-name.ts";
import type { FindingKind, Findings } from "./finding.ts";

/** Of a partition's directory. */
export function findLeftovers(names: readonly string[], directory: string, findings: Findings): void {
  const bases = new Set(names.map((name) => baseOffsetOfFileName(name, LOG_SUFFIX)));
  for (const name of names) {
    const path = `${directory}/${name}`;
    if ([DELETED_SUFFIX, CLEANED_SUFFIX, ".tmp"].some((suffix) => name.endsWith(suffix))) {
      findings.add("leftover-file", path, "repair");
    } else if (name.endsWith(SWAP_SUFFIX)) findings.add("interrupted-swap", path, "repair");
    else if (baseOffsetOfFileName(name, CUT_SUFFIX) !== null) findings.add("cut-bytes", path, "nobody");
    else if (isOrphan(name, bases)) findings.add("orphan-index", path, "repair");
  }
}

function isOrphan(name: string, bases: ReadonlySet<number | null>): boolean {
  return SEGMENT_SUFFIXES.some((suffix) => {
    const base = suffix === LOG_SUFFIX ? null : baseOffsetOfFileName(name, suffix);
    return base !== null && !bases.has(base);
  });
}

/** What the directory of this name waits for; null when it is none of these. */
export function leftoverDirectory(name: string): FindingKind | null {
  if (isDeletedDirectoryName(name)) return "deleted-directory";
  if (parseFutureDirectoryName(name) !== null) return "future-directory";
  return name.endsWith(STRAY_SUFFIX) ? "stray-directory" : null;
}
