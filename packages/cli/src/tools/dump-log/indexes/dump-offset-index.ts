// One `.index`: its entries, and whether each leads to the batch that it names.
import { lastOffsetExact } from "../batch-line.ts";
import type { DumpFiles, DumpOutput } from "../dump-host.ts";
import { fileBatches } from "../file-batches.ts";
import { siblingOf, startOffsetOf } from "../file-name.ts";
import { JavaFailure } from "../java-failure.ts";
import { openFile, readSmallFile } from "../open-file.ts";
import { OffsetIndexView } from "./index-entries.ts";

export interface IndexDump {
  readonly sanityOnly: boolean;
  readonly verifyOnly: boolean;
  readonly maxMessageSize: number;
}

/** Entries that do not fit the log, newest first: offset in the index, last offset of the batch found. */
export type IndexMismatches = [indexOffset: bigint, logOffset: bigint][];

/** Prints the index; returns what does not fit. */
export async function dumpOffsetIndex(
  path: string,
  dump: IndexDump,
  files: DumpFiles,
  output: DumpOutput,
): Promise<IndexMismatches> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const baseOffset = startOffsetOf(name);
  const log = openFile(files.absolutePath(siblingOf(path, ".log")), files);
  try {
    const index = new OffsetIndexView(readSmallFile(path, files), baseOffset);
    if (index.entries === 0) {
      output.line(`${path} is empty.`);
      return [];
    }
    if (dump.sanityOnly) {
      checkSanity(files.absolutePath(path), index);
      output.line(`${path} passed sanity check.`);
      return [];
    }
    const mismatches = new Map<bigint, bigint>();
    const logEnd = log.size();
    for (let i = 0; i < index.entries; i++) {
      const { offset, position } = index.entry(i);
      // A preallocated index ends in zeros.
      if (offset === baseOffset && i > 0) break;
      checkPosition(position, logEnd, files.absolutePath(siblingOf(path, ".log")));
      const end = Math.min(logEnd, position + dump.maxMessageSize);
      const first = fileBatches(log, position, end).next();
      if (first.done) throw new JavaFailure("java.util.NoSuchElementException");
      const lastOffset = lastOffsetExact(first.value.bytes, first.value.at);
      if (lastOffset !== offset) mismatches.set(offset, lastOffset);
      if (!dump.verifyOnly) output.line(`offset: ${offset} position: ${position}`);
      if (output.isFull) await output.flush();
    }
    return [...mismatches].reverse();
  } finally {
    log.close();
  }
}

/** Where an entry leads to must be in the log. */
function checkPosition(position: number, logBytes: number, path: string): void {
  const log = `FileRecords(size=${logBytes}, file=${path}, start=0, end=${2 ** 31 - 1})`;
  const illegal = (message: string): JavaFailure =>
    new JavaFailure("java.lang.IllegalArgumentException", message);
  if (position < 0) throw illegal(`Invalid position: ${position} in read from ${log}`);
  if (position > logBytes) throw illegal(`Slice from position ${position} exceeds end position of ${log}`);
}

function checkSanity(path: string, index: OffsetIndexView): void {
  const corrupt = (message: string): JavaFailure =>
    new JavaFailure("org.apache.kafka.storage.internals.log.CorruptIndexException", message);
  const last = index.entry(index.entries - 1).offset;
  if (last < index.baseOffset) {
    throw corrupt(
      `Corrupt index found, index file ${path} has non-zero size but the last offset is ${last} which is ` +
        `less than the base offset ${index.baseOffset}`,
    );
  }
  if (!index.isWhole) {
    throw corrupt(
      `Index file ${path} is corrupt, found ${index.sizeInBytes} bytes which is neither positive nor a multiple of 8.`,
    );
  }
}
