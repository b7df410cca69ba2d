// One `.log` or `.checkpoint` file: a line a batch, and with deep iteration a line a record.
import {
  BASE_OFFSET_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  batchBaseSequence,
  batchFieldExact,
  batchIsControl,
  batchIsLogAppendTime,
  batchMagic,
  DECOMPRESSED_BYTES_MAX,
  incrementSequence,
  legacyCompression,
  legacyCrc,
  legacyCrcMatches,
  MAGIC_V2,
  MAX_TIMESTAMP_AT,
  NO_SEQUENCE,
  type RecordCursor,
  RecordsError,
  readLegacyRecords,
  recordHeaders,
  recordKey,
  recordTimestampDeltaExact,
  recordValue,
  visitRecords,
} from "@ottla/protocol";
import { printBatchLine, timestampType } from "./batch-line.ts";
import { controlRecordText } from "./control-record-text.ts";
import type { RecordDecoder } from "./decoders/record-decoder.ts";
import type { DumpFiles, DumpOutput } from "./dump-host.ts";
import { type FileBatch, fileBatches } from "./file-batches.ts";
import { startOffsetOf } from "./file-name.ts";
import { JavaFailure } from "./java-failure.ts";
import { openFile } from "./open-file.ts";

const BOOTSTRAP_FILE = "bootstrap.checkpoint";
const ALL_BYTES = 2 ** 31 - 1;

export interface LogDump {
  readonly isDeep: boolean;
  /** Null: contents are not printed. */
  readonly decoder: RecordDecoder | null;
  readonly skipsMetadata: boolean;
  readonly maxBytes: number;
}

/** Offsets that follow each other with a gap: last before it, first behind it. */
export type OffsetGaps = [before: bigint, after: bigint][];

/** Prints the file; returns the gaps of a deep iteration. */
export async function dumpLogFile(
  path: string,
  dump: LogDump,
  files: DumpFiles,
  output: DumpOutput,
): Promise<OffsetGaps> {
  printHeading(path, output);
  const file = openFile(path, files);
  try {
    const size = file.size();
    if (dump.maxBytes < 0) {
      const what = `FileRecords(size=${size}, file=${path}, start=0, end=${ALL_BYTES})`;
      throw new JavaFailure(
        "java.lang.IllegalArgumentException",
        `Invalid size: ${dump.maxBytes} in read from ${what}`,
      );
    }
    const end = Math.min(size, dump.maxBytes);
    const gaps: OffsetGaps = [];
    const records = new RecordPrinter(dump, files, output, gaps);
    let validBytes = 0;
    for (const batch of fileBatches(file, 0, end, path)) {
      printBatchLine(batch, output);
      if (dump.isDeep) records.print(batch);
      validBytes += batch.sizeInBytes;
      if (output.isFull) await output.flush();
    }
    if (end > validBytes && dump.maxBytes === ALL_BYTES) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      output.line(`Found ${end - validBytes} invalid bytes at the end of ${name}`);
    }
    return gaps;
  } finally {
    file.close();
  }
}

function printHeading(path: string, output: DumpOutput): void {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name.endsWith(".log")) {
    output.line(`Log starting offset: ${startOffsetOf(name)}`);
  } else if (name === BOOTSTRAP_FILE) {
    output.line("KRaft bootstrap snapshot");
  } else {
    const found = /^(\d{20})-(\d{10})\.checkpoint$/.exec(name);
    if (found === null) throw new JavaFailure("java.util.NoSuchElementException", "No value present");
    output.line(`Snapshot end offset: ${BigInt(found[1] ?? 0)}, epoch: ${Number(found[2])}`);
  }
}

class RecordPrinter {
  readonly #dump: LogDump;
  readonly #files: DumpFiles;
  readonly #output: DumpOutput;
  readonly #gaps: OffsetGaps;
  #lastOffset = -1n;

  constructor(dump: LogDump, files: DumpFiles, output: DumpOutput, gaps: OffsetGaps) {
    this.#dump = dump;
    this.#files = files;
    this.#output = output;
    this.#gaps = gaps;
  }

  print(batch: FileBatch): void {
    if (batchMagic(batch.bytes, batch.at) >= MAGIC_V2 && batch.sizeInBytes < BATCH_HEADER_BYTES) {
      throw new JavaFailure("java.lang.IndexOutOfBoundsException");
    }
    try {
      if (batchMagic(batch.bytes, batch.at) >= MAGIC_V2) this.#printV2(batch.bytes, batch.at);
      else this.#printLegacy(batch.bytes, batch.at);
    } catch (error) {
      if (!(error instanceof RecordsError)) throw error;
      const exception =
        error.error === "CORRUPT_MESSAGE" ? "errors.CorruptRecordException" : "InvalidRecordException";
      throw new JavaFailure(`org.apache.kafka.common.${exception}`, error.message);
    }
  }

  #printV2(bytes: Uint8Array, at: number): void {
    const baseOffset = batchFieldExact(bytes, at, BASE_OFFSET_AT);
    const baseTimestamp = batchFieldExact(bytes, at, BASE_TIMESTAMP_AT);
    const logAppendTime = batchIsLogAppendTime(bytes, at)
      ? batchFieldExact(bytes, at, MAX_TIMESTAMP_AT)
      : null;
    const baseSequence = batchBaseSequence(bytes, at);
    const type = timestampType(bytes, at);
    const isControl = batchIsControl(bytes, at);
    visitRecords(bytes, at, this.#files.zip, DECOMPRESSED_BYTES_MAX, (body, cursor) => {
      const offset = baseOffset + BigInt(cursor.offsetDelta);
      const key = recordKey(body, cursor);
      const value = recordValue(body, cursor);
      let text = "";
      if (!this.#dump.skipsMetadata) {
        const timestamp = logAppendTime ?? baseTimestamp + timestampDelta(body, cursor);
        const sequence = baseSequence < 0 ? NO_SEQUENCE : incrementSequence(baseSequence, cursor.offsetDelta);
        const headerKeys = recordHeaders(body, cursor).map((header) => header.key);
        text =
          `| offset: ${offset} ${type}: ${timestamp} keySize: ${Math.max(-1, cursor.keyLength)}` +
          ` valueSize: ${Math.max(-1, cursor.valueLength)} sequence: ${sequence} headerKeys: [${headerKeys.join(",")}]`;
        if (isControl) {
          this.#output.text(text);
          text = controlRecordText(key, value);
        }
      }
      this.#finish(offset, text, isControl ? null : key, isControl ? null : value, isControl);
    });
  }

  #printLegacy(bytes: Uint8Array, at: number): void {
    const type = timestampType(bytes, at);
    const isPlain = legacyCompression(bytes, at) === 0;
    for (const record of readLegacyRecords(bytes, at, this.#files.zip, DECOMPRESSED_BYTES_MAX)) {
      const { key, value, offset, timestamp } = record;
      let text = "";
      if (!this.#dump.skipsMetadata) {
        text = `| offset: ${offset} ${type}: ${timestamp} keySize: ${key?.length ?? -1} valueSize: ${value?.length ?? -1}`;
        const inner = isPlain ? { isValid: legacyCrcMatches(bytes, at), crc: legacyCrc(bytes, at) } : null;
        if (inner !== null) text += ` isValid: ${inner.isValid} crc: ${inner.crc}`;
      }
      this.#finish(BigInt(offset), text, key, value, false);
    }
  }

  #finish(
    offset: bigint,
    metadata: string,
    key: Uint8Array | null,
    value: Uint8Array | null,
    isControl: boolean,
  ): void {
    if (offset !== this.#lastOffset + 1n) this.#gaps.push([this.#lastOffset, offset]);
    this.#lastOffset = offset;
    this.#output.text(metadata);
    let text = "";
    if (this.#dump.decoder !== null && !isControl) {
      const shown = this.#dump.decoder({ offset, key, value });
      let prefix = this.#dump.skipsMetadata ? "| " : " ";
      if (shown.key !== null) {
        text += `${prefix}key: ${shown.key}`;
        prefix = " ";
      }
      if (shown.value !== null) text += `${prefix}payload: ${shown.value}`;
    }
    this.#output.line(text);
  }
}

function timestampDelta(body: Uint8Array, cursor: RecordCursor): bigint {
  return Number.isSafeInteger(cursor.timestampDelta)
    ? BigInt(cursor.timestampDelta)
    : recordTimestampDeltaExact(body, cursor);
}
