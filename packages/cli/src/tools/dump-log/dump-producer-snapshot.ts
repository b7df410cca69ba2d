// One `.snapshot`: the producers of a log. Version int16, CRC-32C of all behind it, count, 46 bytes a row.
import { bigInt64At, crc32c, decrementSequence, int16At, int32At } from "@ottla/protocol";
import type { DumpFiles, DumpOutput } from "./dump-host.ts";
import { readSmallFile } from "./open-file.ts";

const INVALID = "Snapshot failed schema validation";
const VERSION = 1;
const CRC_AT = 2;
const COUNT_AT = 6;
const ROWS_AT = 10;
const ROW_BYTES = 46;

/** Prints the rows; returns what is wrong with the file, or null. */
export function dumpProducerSnapshot(path: string, files: DumpFiles, output: DumpOutput): string | null {
  const bytes = readSmallFile(path, files);
  const version = bytes.length < 2 ? null : int16At(bytes, 0);
  if (version !== null && version !== VERSION) {
    return `${INVALID}: Snapshot contained an unknown file version ${version}`;
  }
  const count = bytes.length < ROWS_AT ? -1 : int32At(bytes, COUNT_AT);
  if (count < 0 || bytes.length < ROWS_AT + count * ROW_BYTES) return `${INVALID}: null`;
  const stored = int32At(bytes, CRC_AT) >>> 0;
  const computed = crc32c(bytes, COUNT_AT) >>> 0;
  if (stored !== computed) {
    return `Snapshot is corrupt (CRC is no longer valid). Stored crc: ${stored}. Computed crc: ${computed}`;
  }
  for (let row = 0; row < count; row++) output.line(rowLine(bytes, ROWS_AT + row * ROW_BYTES));
  return null;
}

function rowLine(bytes: Uint8Array, at: number): string {
  const firstOffset = bigInt64At(bytes, at + 38);
  const lastTimestamp = bigInt64At(bytes, at + 26);
  const producer =
    `producerId: ${bigInt64At(bytes, at)} producerEpoch: ${int16At(bytes, at + 8)} ` +
    `coordinatorEpoch: ${int32At(bytes, at + 34)} ` +
    `currentTxnFirstOffset: ${firstOffset < 0n ? "OptionalLong.empty" : `OptionalLong[${firstOffset}]`} ` +
    `lastTimestamp: ${lastTimestamp}`;
  const lastOffset = bigInt64At(bytes, at + 14);
  // Known by markers alone: no batch.
  if (lastOffset < 0n) return producer;
  const lastSequence = int32At(bytes, at + 10);
  const offsetDelta = int32At(bytes, at + 22);
  return (
    `${producer} firstSequence: ${decrementSequence(lastSequence, offsetDelta)} lastSequence: ${lastSequence} ` +
    `lastOffset: ${lastOffset} offsetDelta: ${offsetDelta} timestamp: ${lastTimestamp}`
  );
}
