// One `.timeindex`: its entries, and whether the log agrees.
import {
  BASE_TIMESTAMP_AT,
  batchFieldExact,
  batchIsLogAppendTime,
  batchMagic,
  DECOMPRESSED_BYTES_MAX,
  MAGIC_V2,
  MAX_TIMESTAMP_AT,
  readLegacyRecords,
  recordTimestampDeltaExact,
  visitRecords,
} from "@ottla/protocol";
import { lastOffsetExact } from "../batch-line.ts";
import type { DumpFiles, DumpOutput } from "../dump-host.ts";
import { type FileBatch, fileBatches } from "../file-batches.ts";
import { siblingOf, startOffsetOf } from "../file-name.ts";
import { JavaFailure } from "../java-failure.ts";
import { openFile, readSmallFile } from "../open-file.ts";
import type { IndexDump } from "./dump-offset-index.ts";
import { OffsetIndexView, TimeIndexView } from "./index-entries.ts";

/** What does not fit, in order: pairs as the tool prints them. */
export interface TimeIndexProblems {
  readonly mismatches: [indexTimestamp: bigint, logTimestamp: bigint][];
  readonly outOfOrder: [indexTimestamp: bigint, previous: bigint][];
  readonly offsetsNotFound: [indexOffset: bigint, logOffset: bigint][];
}

/** Prints the index; returns what does not fit. */
export async function dumpTimeIndex(
  path: string,
  dump: IndexDump,
  files: DumpFiles,
  output: DumpOutput,
): Promise<TimeIndexProblems> {
  const problems: TimeIndexProblems = { mismatches: [], outOfOrder: [], offsetsNotFound: [] };
  const baseOffset = startOffsetOf(path.slice(path.lastIndexOf("/") + 1));
  const log = openFile(files.absolutePath(siblingOf(path, ".log")), files);
  try {
    const offsets = new OffsetIndexView(readSmallFile(siblingOf(path, ".index"), files), baseOffset);
    const index = new TimeIndexView(readSmallFile(path, files), baseOffset);
    if (dump.sanityOnly) {
      checkSanity(files.absolutePath(path), index);
      output.line(`${path} passed sanity check.`);
      return problems;
    }
    const logEnd = log.size();
    let previous = -1n;
    for (let i = 0; i < index.entries; i++) {
      const { timestamp, offset } = index.entry(i);
      // A preallocated index ends in zeros.
      if (offset === baseOffset && i > 0) break;
      const batch = batchWith(offset, fileBatches(log, offsets.positionFor(offset), logEnd));
      const lastOffset = batch === null ? -1n : lastOffsetExact(batch.bytes, batch.at);
      if (batch === null || lastOffset !== offset) {
        problems.offsetsNotFound.push([offset, lastOffset]);
      } else {
        const maxTimestamp = maxRecordTimestamp(batch, files);
        if (maxTimestamp !== timestamp) problems.mismatches.push([timestamp, maxTimestamp]);
        if (previous >= timestamp) problems.outOfOrder.push([timestamp, previous]);
      }
      if (!dump.verifyOnly) output.line(`timestamp: ${timestamp} offset: ${offset}`);
      previous = timestamp;
      if (output.isFull) await output.flush();
    }
    return problems;
  } finally {
    log.close();
  }
}

function batchWith(offset: bigint, batches: Iterable<FileBatch>): FileBatch | null {
  for (const batch of batches) if (lastOffsetExact(batch.bytes, batch.at) >= offset) return batch;
  return null;
}

function maxRecordTimestamp({ bytes, at }: FileBatch, files: DumpFiles): bigint {
  let max = -1n;
  if (batchMagic(bytes, at) < MAGIC_V2) {
    for (const { timestamp } of readLegacyRecords(bytes, at, files.zip, DECOMPRESSED_BYTES_MAX)) {
      if (BigInt(timestamp) > max) max = BigInt(timestamp);
    }
    return max;
  }
  const base = batchFieldExact(bytes, at, BASE_TIMESTAMP_AT);
  const appended = batchIsLogAppendTime(bytes, at) ? batchFieldExact(bytes, at, MAX_TIMESTAMP_AT) : null;
  visitRecords(bytes, at, files.zip, DECOMPRESSED_BYTES_MAX, (body, cursor) => {
    const timestamp = appended ?? base + recordTimestampDeltaExact(body, cursor);
    if (timestamp > max) max = timestamp;
  });
  return max;
}

function checkSanity(path: string, index: TimeIndexView): void {
  const corrupt = (message: string): JavaFailure =>
    new JavaFailure("org.apache.kafka.storage.internals.log.CorruptIndexException", message);
  if (index.entries > 0) {
    const first = index.entry(0);
    const last = index.entry(index.entries - 1);
    const head = `Corrupt time index found, time index file (${path}) has non-zero size but the last`;
    if (last.timestamp < first.timestamp) {
      throw corrupt(
        `${head} timestamp is ${last.timestamp} which is less than the first timestamp ${first.timestamp}`,
      );
    }
    if (last.offset < index.baseOffset) {
      throw corrupt(
        `${head} offset is ${last.offset} which is less than the first offset ${index.baseOffset}`,
      );
    }
  }
  if (!index.isWhole) {
    throw corrupt(
      `Time index file ${path} is corrupt, found ${index.sizeInBytes} bytes which is neither positive nor a multiple of 12`,
    );
  }
}
