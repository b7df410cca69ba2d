// Names of partition directories: `<topic>-<partition>`, and with a suffix once the partition is deleted,
// stray or moving. Segment files are named by their base offset in 20 digits.
import { FILE_NAME_BYTES_MAX } from "../limits.ts";

export const DELETE_SUFFIX = "-delete";
export const STRAY_SUFFIX = "-stray";
const FUTURE_SUFFIX = "-future";

/** The partition that a directory belongs to. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** `<topic>-<partition>`. */
export function logDirectoryName(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

/** What a directory's name says; null when it is not the name of a partition in use. */
export function parseLogDirectoryName(name: string): TopicPartition | null {
  const found = /^([a-zA-Z0-9._-]{1,249})-([0-9]{1,10})$/.exec(name);
  if (found === null) return null;
  const partition = Number(found[2]);
  const topic = found[1] as string;
  if (partition > 0x7fffffff || topic === "." || topic === "..") return null;
  return logDirectoryName(topic, partition) === name ? { topic, partition } : null;
}

/**
 * `<topic>-<partition>.<32 hex digits><suffix>`; the topic is shortened where the name would be too long for
 * a file system, as Apache Kafka does.
 */
export function retiredDirectoryName(
  topic: string,
  partition: number,
  unique: Uint8Array,
  suffix: typeof DELETE_SUFFIX | typeof STRAY_SUFFIX,
): string {
  const tail = `-${partition}.${hex(unique)}${suffix}`;
  return `${topic.slice(0, FILE_NAME_BYTES_MAX - tail.length)}${tail}`;
}

/** Of a replica on its way to another log directory: `<topic>-<partition>.<32 hex digits>-future`. */
export function futureDirectoryName(topic: string, partition: number, unique: Uint8Array): string {
  return `${logDirectoryName(topic, partition)}.${hex(unique)}${FUTURE_SUFFIX}`;
}

/** False where a future directory's name would be too long for a file system. */
export function canHaveFutureDirectory(topic: string, partition: number): boolean {
  return futureDirectoryName(topic, partition, new Uint8Array(16)).length <= FILE_NAME_BYTES_MAX;
}

/** The partition of a future directory; null for any other name. */
export function parseFutureDirectoryName(name: string): TopicPartition | null {
  const found = /^(.+)\.[0-9a-f]{32}-future$/.exec(name);
  return found === null ? null : parseLogDirectoryName(found[1] as string);
}

/** True for a directory that only waits for its removal. */
export function isDeletedDirectoryName(name: string): boolean {
  return /-[0-9]+\.[0-9a-f]{32}-delete$/.test(name);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
