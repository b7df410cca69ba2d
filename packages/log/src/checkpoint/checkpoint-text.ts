// The text form that Kafka's checkpoint files share: a version line, a count line, one line per entry.
// Such a file is a cache or a lower bound, so a damaged one is reported to the caller, who goes on without
// it.
import { type Disk, DiskError } from "@ottla/ports";
import { CHECKPOINT_BYTES_MAX } from "../limits.ts";

/** A checkpoint file that cannot be believed. */
export class MalformedCheckpointError extends Error {
  override readonly name: string = "MalformedCheckpointError";
  readonly path: string;
  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.path = path;
  }
}

/** What stands before the entry lines. */
export function checkpointHead(version: number, entries: number): string {
  return `${version}\n${entries}\n`;
}

/** The file's bytes. */
export function encodeCheckpointText(version: number, lines: readonly string[]): Uint8Array {
  const text = lines.length === 0 ? "" : `${lines.join("\n")}\n`;
  return new TextEncoder().encode(checkpointHead(version, lines.length) + text);
}

/** The entry lines. Throws `MalformedCheckpointError`. */
export function decodeCheckpointText(path: string, version: number, bytes: Uint8Array): string[] {
  const lines = new TextDecoder().decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (lines[0] !== String(version)) {
    throw new MalformedCheckpointError(path, `version ${version} expected, found ${lines[0] ?? "nothing"}`);
  }
  const count = Number(lines[1]);
  const entries = lines.slice(2);
  if (!Number.isInteger(count) || count !== entries.length) {
    throw new MalformedCheckpointError(
      path,
      `${lines[1] ?? "no"} entries announced, ${entries.length} found`,
    );
  }
  return entries;
}

/**
 * The file's bytes, null when there is none. Throws `DiskError`, and `MalformedCheckpointError` when it is
 * absurdly large.
 */
export function readWholeFile(disk: Disk, path: string): Uint8Array | null {
  const status = disk.status(path);
  if (status === null) return null;
  if (status.kind !== "file") throw new DiskError("read", path, "EISDIR");
  if (status.bytes > CHECKPOINT_BYTES_MAX) {
    throw new MalformedCheckpointError(path, `${status.bytes} bytes are more than ${CHECKPOINT_BYTES_MAX}`);
  }
  return disk.readFile(path);
}

/** A non-negative integer, or null. */
export function parseCount(text: string | undefined): number | null {
  if (text === undefined || !/^[0-9]{1,19}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
