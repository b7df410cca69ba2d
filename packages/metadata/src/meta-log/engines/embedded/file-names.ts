// Names in the metadata log's directory: Kafka's, so that its tools find their way. Sizes of numbers are
// fixed, so names sort.
import type { Offset } from "@ottla/protocol";
import type { SnapshotId } from "../../meta-log.ts";

/** The directory of the metadata log within its log directory. */
export const METADATA_PARTITION_DIRECTORY = "__cluster_metadata-0";

/** Beside that directory: what a new cluster starts with. */
export const BOOTSTRAP_FILE = "bootstrap.checkpoint";

const SNAPSHOT = /^(\d{20})-(\d{10})\.checkpoint$/;
const SEGMENT = /^(\d{20})\.log$/;
/** What a crash may leave: unfinished snapshots and files on their way out. */
const LEFTOVER = /\.(checkpoint\.part|checkpoint\.deleted|deleted|tmp)$/;

export function segmentBaseName(baseOffset: number): string {
  return String(baseOffset).padStart(20, "0");
}

export function snapshotFileName(id: { readonly endOffset: number; readonly epoch: number }): string {
  return `${segmentBaseName(id.endOffset)}-${String(id.epoch).padStart(10, "0")}.checkpoint`;
}

/** Base offsets of the segments, rising. */
export function segmentsIn(names: readonly string[]): Offset[] {
  const offsets = names.flatMap((name) => SEGMENT.exec(name)?.[1] ?? []).map(Number) as Offset[];
  return offsets.sort((left, right) => left - right);
}

/** Ids of the snapshots, oldest first. */
export function snapshotsIn(names: readonly string[]): SnapshotId[] {
  const ids: SnapshotId[] = [];
  for (const name of names) {
    const match = SNAPSHOT.exec(name);
    if (match !== null) ids.push({ endOffset: Number(match[1]) as Offset, epoch: Number(match[2]) });
  }
  return ids.sort((left, right) => left.endOffset - right.endOffset || left.epoch - right.epoch);
}

export function isLeftover(name: string): boolean {
  return LEFTOVER.test(name);
}
