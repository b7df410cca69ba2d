// Results as text that people read: a table for each load, one of all targets, a line for the disk.
import type { DiskLimit } from "../peers/disk-limit.ts";
import type { PeerName } from "../peers/peer.ts";
import type { Spread } from "./statistics.ts";
import type { Medians, TargetOutcome } from "./target.ts";

/** Lines of cells, each column as wide as its widest; the first are text, the others stand to the right. */
export function alignedLines(rows: readonly (readonly string[])[], textColumns = 1): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column < textColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** Three digits that matter, or all in front of the point. */
export function numberCell(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** One load: medians by figure and peer, behind them the ratio to Kafka, and how far the runs lie apart. */
export function loadTable(medians: Medians[string], peers: readonly PeerName[]): string[] {
  const header = ["", ...peers.flatMap((peer) => [peer, peer === "kafka" ? "" : "ratio", "spread"])];
  const rows = Object.entries(medians).map(([figure, row]) => {
    const kafka = row.kafka?.median;
    const cells = peers.flatMap((peer) => {
      const spread = row[peer];
      if (spread === undefined || spread.runs === 0) return ["-", "", ""];
      const ratio = peer === "kafka" || kafka === undefined ? "" : `x${numberCell(spread.median / kafka)}`;
      return [numberCell(spread.median), ratio, spreadCell(spread)];
    });
    return [figure, ...cells];
  });
  return alignedLines([header, ...rows]);
}

function spreadCell({ median, min, max, runs }: Spread): string {
  return runs < 2 || median === 0 ? "" : `${(((max - min) / Math.abs(median)) * 100).toFixed(0)} %`;
}

/** All targets, also those that this run did not measure. */
export function targetTable(outcomes: readonly TargetOutcome[]): string[] {
  const header = ["target", "load", "asked", "measured", "other durability", ""];
  const rows = outcomes.map((outcome) => {
    const { about, load, bound, limit, measured, otherMode, against } = outcome;
    const sign = against === "none" ? "" : "x";
    const cell = (value: number | null): string => (value === null ? "-" : `${sign}${numberCell(value)}`);
    return [
      about,
      load,
      `${bound === "at most" ? "<=" : ">="} ${sign}${limit}`,
      cell(measured),
      cell(otherMode),
      outcome.outcome === "missed" ? "MISSED" : outcome.outcome,
    ];
  });
  const count = (wanted: TargetOutcome["outcome"]): number =>
    outcomes.filter(({ outcome }) => outcome === wanted).length;
  const summary = `${count("met")} met, ${count("missed")} missed, ${count("not measured")} not measured`;
  return [...alignedLines([header, ...rows], 2), summary];
}

/** What the disk could do when it was asked. */
export function diskLine(when: string, disk: DiskLimit): string {
  const figures = [
    `${numberCell(disk.syncsPerSecond)} fdatasync/s of 4 KiB appends`,
    `p50 ${numberCell(disk.syncP50Ms)} ms, p99 ${numberCell(disk.syncP99Ms)} ms`,
    `${numberCell(disk.syncsPerSecondPreallocated)}/s preallocated`,
    `page cache ${numberCell(disk.pageCacheMBPerSecond)} MB/s`,
    `disk ${numberCell(disk.diskMBPerSecond)} MB/s`,
  ];
  return `The disk ${when}: ${figures.join("; ")}.`;
}
