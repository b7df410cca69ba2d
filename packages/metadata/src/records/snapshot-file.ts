// The content of a `.checkpoint` file (KIP-630): a control batch with header and quorum state, batches of
// metadata records, a control batch with the footer. Offsets in it count the file's own records. A file
// without a footer is unfinished and refused. Used for snapshots of the metadata log and for
// bootstrap.checkpoint. Not here: file names, reading and writing files.
import { type Pieces, runWhole } from "@ottla/ports";
import {
  batchEnd,
  batchProblem,
  buildControlBatch,
  CONTROL_SNAPSHOT_FOOTER,
  CONTROL_SNAPSHOT_HEADER,
  decodeSnapshotHeaderRecord,
  Reader,
  snapshotFooterValue,
  snapshotHeaderValue,
  toTimestampMs,
} from "@ottla/protocol";
import { SNAPSHOT_BATCH_BYTES } from "../limits.ts";
import { MetadataError } from "../metadata-error.ts";
import { type KraftState, kraftControls, replayKraftControls, staticKraftState } from "./kraft-state.ts";
import {
  buildRecordsBatch,
  type ControlRecord,
  readMetadataBatch,
  recordBytesMax,
} from "./metadata-batch.ts";

export interface SnapshotContent {
  /** Append time of the last record it covers. */
  readonly lastContainedTimestampMs: number;
  readonly kraft: KraftState;
  /** Framed metadata records. */
  readonly records: readonly Uint8Array[];
}

/** `epoch` goes into the batches, `timestampMs` is the time of writing. */
export interface SnapshotStamp {
  readonly epoch: number;
  readonly timestampMs: number;
}

/** The bytes of a file. */
export function encodeSnapshotFile(content: SnapshotContent, stamp: SnapshotStamp): Uint8Array {
  return runWhole(encodeSnapshotFileInPieces(content, stamp));
}

/** The same in pieces. */
export function* encodeSnapshotFileInPieces(
  content: SnapshotContent,
  { epoch, timestampMs }: SnapshotStamp,
): Pieces<Uint8Array> {
  const header = snapshotHeaderValue({
    version: 0,
    lastContainedLogTimestamp: BigInt(content.lastContainedTimestampMs),
  });
  let baseOffset = 0;
  const batches: Uint8Array[] = [];
  const addControls = (records: readonly ControlRecord[]): void => {
    batches.push(buildControlBatch({ baseOffset, leaderEpoch: epoch, timestamp: timestampMs, records }));
    baseOffset += records.length;
  };
  addControls([{ type: CONTROL_SNAPSHOT_HEADER, value: header }, ...kraftControls(content.kraft)]);
  for (const records of chunked(content.records)) {
    batches.push(buildRecordsBatch({ baseOffset, epoch, timestampMs, records }));
    baseOffset += records.length;
    yield;
  }
  addControls([{ type: CONTROL_SNAPSHOT_FOOTER, value: snapshotFooterValue({ version: 0 }) }]);
  return joined(batches);
}

/**
 * What a file holds; records are views of it. @throws MetadataError when it is damaged, unfinished or no
 * snapshot.
 */
export function decodeSnapshotFile(bytes: Uint8Array): SnapshotContent {
  const records: Uint8Array[] = [];
  let kraft = staticKraftState;
  let lastContainedTimestampMs: number | null = null;
  let isFinished = false;
  let at = 0;
  while (at < bytes.length) {
    const next = batchEnd(bytes, at, bytes.length);
    const problem = next < 0 ? { message: "a batch ends early" } : batchProblem(bytes, at);
    if (problem !== null) throw new MetadataError(`damaged snapshot at byte ${at}: ${problem.message}`);
    const batch = readMetadataBatch(bytes, at);
    for (const frame of batch.records) records.push(frame);
    kraft = replayKraftControls(kraft, batch.controls);
    for (const { type, value } of batch.controls) {
      if (type === CONTROL_SNAPSHOT_FOOTER) isFinished = true;
      if (type !== CONTROL_SNAPSHOT_HEADER) continue;
      const header = decodeSnapshotHeaderRecord(new Reader(value), 0);
      lastContainedTimestampMs = toTimestampMs(header.lastContainedLogTimestamp) ?? 0;
    }
    at = next;
  }
  if (lastContainedTimestampMs === null) throw new MetadataError("a snapshot has no header");
  if (!isFinished) throw new MetadataError("a snapshot has no footer: it was never finished");
  return { lastContainedTimestampMs, kraft, records };
}

function* chunked(records: readonly Uint8Array[]): Iterable<Uint8Array[]> {
  let chunk: Uint8Array[] = [];
  let bytes = 0;
  for (const record of records) {
    bytes += recordBytesMax(record.length);
    if (chunk.length > 0 && bytes > SNAPSHOT_BATCH_BYTES) {
      yield chunk;
      chunk = [];
      bytes = recordBytesMax(record.length);
    }
    chunk.push(record);
  }
  if (chunk.length > 0) yield chunk;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
