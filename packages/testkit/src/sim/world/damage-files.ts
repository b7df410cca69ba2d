// Damages files of a broker that is down, as rotten media do: one bit of what was synced, of what was not, or
// of a file that is only a cache.
import type { FakeStorage, Random } from "@ottla/ports";
import { batchBaseOffset, batchEnd, batchLastOffset } from "@ottla/protocol";

/** A batch that cannot be read any more. */
export interface DamagedBatch {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

const LOG_SUFFIX = ".log";
const SWAP_SUFFIX = ".swap";
const RECOVERY_POINTS = "recovery-point-offset-checkpoint";
const CACHES: readonly string[] = [".index", ".timeindex", ".snapshot", "-checkpoint"];
/**
 * Where damage of a synced batch begins: behind the fields that readers find their way by, the last of which
 * is the last offset.
 */
const DAMAGED_FROM = 27;
/** Fields that no CRC covers, as [from, to): the base offset and the leader epoch. */
const UNCHECKED: readonly (readonly [number, number])[] = [
  [0, 8],
  [12, 16],
];

/** How much of each log is sure to survive, by path. */
export function durableBytes(storage: FakeStorage, topicPath: string): Map<string, number> {
  const logs = storage.paths().filter((path) => path.startsWith(topicPath) && path.endsWith(LOG_SUFFIX));
  return new Map(logs.map((path) => [path, storage.durable(path).length]));
}

/** Turns a bit over behind what was durable; null when there is nothing. */
export function damageUnsynced(
  storage: FakeStorage,
  random: Random,
  durable: ReadonlyMap<string, number>,
): string | null {
  const paths = new Set(storage.paths());
  const torn = [...durable].filter(
    ([path, bytes]) => paths.has(path) && storage.written(path).length > bytes,
  );
  if (torn.length === 0) return null;
  const [path, from] = torn[random.below(torn.length)] as [string, number];
  const content = storage.written(path);
  const at = from + random.below(content.length - from);
  if (isUnchecked(content, at)) return null;
  storage.flipBit(path, 8 * at + random.below(8));
  return path;
}

/** A batch may start anywhere: what lies before it may be torn. */
function isUnchecked(content: Uint8Array, at: number): boolean {
  const isBatch = (start: number): boolean => start >= 0 && batchEnd(content, start, content.length) > 0;
  for (const [from, to] of UNCHECKED) {
    for (let start = at - to + 1; start <= at - from; start++) if (isBatch(start)) return true;
  }
  return false;
}

/** Turns a bit over in a batch below the recovery point; null when there is none. */
export function damageSynced(
  storage: FakeStorage,
  random: Random,
  directory: string,
  topic: string,
): DamagedBatch | null {
  const points = recoveryPoints(storage, `${directory}/${RECOVERY_POINTS}`);
  const found: { path: string; at: number; bytes: number; batch: DamagedBatch }[] = [];
  const paths = storage.paths();
  for (const path of paths) {
    const key = path.slice(directory.length + 1).split("/")[0] as string;
    // What a swap replaces is nobody's any more.
    if (paths.some((other) => other.startsWith(`${directory}/${key}/`) && other.endsWith(SWAP_SUFFIX)))
      continue;
    if (!key.startsWith(`${topic}-`) || !path.endsWith(LOG_SUFFIX)) continue;
    const content = storage.written(path);
    for (let at = 0, next: number; (next = batchEnd(content, at, content.length)) > 0; at = next) {
      const to = batchLastOffset(content, at) + 1;
      if (to > (points.get(key) ?? 0)) break;
      found.push({ path, at, bytes: next - at, batch: { key, from: batchBaseOffset(content, at), to } });
    }
  }
  const target = found[random.below(Math.max(found.length, 1))];
  if (target === undefined) return null;
  const { path, at, bytes, batch } = target;
  storage.flipBit(path, 8 * (at + DAMAGED_FROM) + random.below(8 * (bytes - DAMAGED_FROM)));
  return batch;
}

/** Turns a bit over in an index, a snapshot of producers or a checkpoint; null when there is none. */
export function damageCache(storage: FakeStorage, random: Random, topicPath: string): string | null {
  const caches = storage
    .paths()
    .filter((path) => path.startsWith(topicPath) && CACHES.some((suffix) => path.endsWith(suffix)))
    .filter((path) => storage.written(path).length > 0);
  const path = caches[random.below(Math.max(caches.length, 1))];
  if (path === undefined) return null;
  storage.flipBit(path, random.below(8 * storage.written(path).length));
  return path;
}

/** By `topic-partition`: lines "topic partition offset" behind a version and a count. */
function recoveryPoints(storage: FakeStorage, path: string): Map<string, number> {
  if (!storage.paths().includes(path)) return new Map();
  const lines = new TextDecoder().decode(storage.written(path)).split("\n").slice(2);
  return new Map(
    lines
      .filter((line) => line !== "")
      .map((line) => {
        const [topic, partition, offset] = line.split(" ");
        return [`${topic}-${partition}`, Number(offset)];
      }),
  );
}
