// What `ottla log verify` and `ottla log repair` print: for people a line about each directory, its findings
// by file and a sum; for programs one object.
import type { Finding, RepairedDirectory, VerifiedDirectory } from "@ottla/log";
import type { JsonValue, Row } from "../printer.ts";
import { explanations, repairOf, type Severity } from "./explanations.ts";

/** A directory as it was found, and what of the findings is mended; null: nobody tried. */
export interface ReportedDirectory {
  readonly found: VerifiedDirectory;
  readonly mended: RepairedDirectory["mended"] | null;
}

/** Findings of each severity. */
export type Counts = Readonly<Record<Severity, number>>;

/** What is left: everything, or what a repair did not mend. */
export function countsOf(directories: readonly ReportedDirectory[]): Counts {
  const counts = { note: 0, wrong: 0, lost: 0 };
  for (const { found, mended } of directories) {
    for (const finding of found.findings) {
      if (mended?.includes(finding) !== true) counts[explanations[finding.kind].severity] += 1;
    }
  }
  return counts;
}

/** For people. */
export function reportText(directories: readonly ReportedDirectory[]): string {
  return directories.map((directory) => directoryText(directory)).join("\n") + sumText(directories);
}

/** For programs. */
export function reportJson(directories: readonly ReportedDirectory[]): Row {
  const { note, wrong, lost } = countsOf(directories);
  return { directories: directories.map(directoryJson), left: { lost, wrong, notes: note } };
}

function directoryText({ found, mended }: ReportedDirectory): string {
  const { identity, logs, findings } = found;
  const who = identity === null ? "" : `node ${identity.nodeId} of cluster ${identity.clusterId}, `;
  const segments = logs.reduce((sum, log) => sum + log.segments, 0);
  const bytes = logs.reduce((sum, log) => sum + log.bytes, 0);
  const state = found.isInUse ? "in use" : found.wasClean ? "stopped in order" : "not stopped in order";
  let text =
    `${found.path}: ${who}${state}; looked at ${counted(logs.length, "partition")}, ` +
    `${counted(segments, "segment")}, ${sizeText(bytes)}\n`;
  const byPath = new Map<string, Finding[]>();
  for (const finding of findings.toSorted(bySeverity)) {
    byPath.set(finding.path, [...(byPath.get(finding.path) ?? []), finding]);
  }
  for (const [path, ofPath] of byPath) {
    text += `\n${path}\n`;
    for (const finding of ofPath) text += findingText(finding, mended);
  }
  return text;
}

function findingText(finding: Finding, mended: ReportedDirectory["mended"]): string {
  const { severity, what, meaning, onStart } = explanations[finding.kind];
  const repair =
    mended === null
      ? `a repair   ${repairOf(finding)}`
      : mended.includes(finding)
        ? `repaired   ${repairOf(finding)}`
        : `left       ${repairOf(finding)}`;
  return (
    `  ${severity.padEnd(5)}  ${what(finding)}\n` +
    `         means      ${meaning}\n         a start    ${onStart}\n         ${repair}\n`
  );
}

function sumText(directories: readonly ReportedDirectory[]): string {
  const { note, wrong, lost } = countsOf(directories);
  const mended = directories.reduce((sum, each) => sum + (each.mended?.length ?? 0), 0);
  const parts = [
    ...(mended > 0 ? [`${mended} repaired`] : []),
    ...(lost > 0 ? [`${lost} with lost records`] : []),
    ...(wrong > 0 ? [`${wrong} wrong without loss`] : []),
    ...(note > 0 ? [counted(note, "note")] : []),
  ];
  return `\n${parts.length === 0 ? "Nothing is wrong." : `${parts.join(", ")}.`}\n`;
}

const order: readonly Severity[] = ["lost", "wrong", "note"];

function bySeverity(left: Finding, right: Finding): number {
  const rank = ({ kind }: Finding): number => order.indexOf(explanations[kind].severity);
  return rank(left) - rank(right);
}

function directoryJson({ found, mended }: ReportedDirectory): JsonValue {
  const { path, identity, isInUse, wasClean, logs, findings } = found;
  return {
    directory: path,
    clusterId: identity?.clusterId ?? null,
    nodeId: identity?.nodeId ?? null,
    inUse: isInUse,
    stoppedInOrder: wasClean,
    partitions: logs.map((log) => ({
      partition: log.path.slice(path.length + 1),
      segments: log.segments,
      bytes: log.bytes,
      logStartOffset: log.logStartOffset,
      logEndOffset: log.logEndOffset,
    })),
    findings: findings.toSorted(bySeverity).map((finding) => {
      const { severity, what, meaning, onStart } = explanations[finding.kind];
      return {
        kind: finding.kind,
        severity,
        path: finding.path,
        position: finding.position ?? null,
        bytes: finding.bytes ?? null,
        fromOffset: finding.fromOffset ?? null,
        toOffset: finding.toOffset ?? null,
        reason: finding.reason ?? null,
        found: what(finding),
        meaning,
        onStart,
        onRepair: repairOf(finding),
        repaired: mended === null ? null : mended.includes(finding),
      };
    }),
  };
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

function sizeText(bytes: number): string {
  if (bytes < 10_000) return counted(bytes, "byte");
  const units = ["kB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = "";
  for (unit of units) {
    size /= 1000;
    if (size < 1000) break;
  }
  return `${size.toFixed(1)} ${unit}`;
}
