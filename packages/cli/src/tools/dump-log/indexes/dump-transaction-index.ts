// One `.txnindex`: the aborted transactions, 34 bytes each.
import { bigInt64At } from "@ottla/protocol";
import type { DumpFiles, DumpOutput } from "../dump-host.ts";
import { startOffsetOf } from "../file-name.ts";
import { JavaFailure } from "../java-failure.ts";
import { readSmallFile } from "../open-file.ts";

const ENTRY_BYTES = 34;
const VERSION = 0;

export function dumpTransactionIndex(path: string, files: DumpFiles, output: DumpOutput): void {
  startOffsetOf(path.slice(path.lastIndexOf("/") + 1));
  const bytes = readSmallFile(path, files);
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const version = int8At(bytes, at);
    if (version > VERSION) {
      throw new JavaFailure(
        "org.apache.kafka.common.KafkaException",
        `Unexpected aborted transaction version ${version} in transaction index ${files.absolutePath(path)}, ` +
          `current version is ${VERSION}`,
      );
    }
    output.line(
      `version: ${version} producerId: ${bigInt64At(bytes, at + 2)} firstOffset: ${bigInt64At(bytes, at + 10)} ` +
        `lastOffset: ${bigInt64At(bytes, at + 18)} lastStableOffset: ${bigInt64At(bytes, at + 26)}`,
    );
  }
}

/** Kafka's tool reads the first of the two bytes. */
function int8At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 24) >> 24;
}
