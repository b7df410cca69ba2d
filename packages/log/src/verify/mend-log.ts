// What a repair does about a finding: files that follow from the log are made again, leftovers go, damaged
// ranges are noted so that every reader is told. Invariant: no byte of a `.log` file changes, none is cut.
// What needs that (torn tails, the sync journal) is left to the broker's recovery, which knows how.
import { defaultLogConfig } from "@ottla/config";
import type { Disk } from "@ottla/ports";
import { LEADER_EPOCH_CHECKPOINT } from "../checkpoint/leader-epoch-checkpoint.ts";
import { CleanerThrottle } from "../cleaner/cleaner-throttle.ts";
import type { Cleaning } from "../cleaner/cleaning.ts";
import { writeCorruptRanges } from "../damage/corrupt-ranges-file.ts";
import { LeaderEpochCache } from "../leader-epoch/leader-epoch-cache.ts";
import { LOOK_OPEN_FILES_MAX } from "../limits.ts";
import type { LogContext } from "../log-context.ts";
import { takeKnownRanges } from "../recovery/known-corrupt-ranges.ts";
import { rebuildEpochs } from "../recovery/rebuild-epochs.ts";
import { sortFiles } from "../recovery/sort-files.ts";
import { scrubSegment } from "../scrub/scrub-segment.ts";
import { FileCache } from "../segment/file-cache.ts";
import { LogSegment } from "../segment/log-segment.ts";
import { baseOffsetOfFileName, LOG_SUFFIX } from "../segment/segment-file-name.ts";
import type { AbortedTxn } from "../segment/transaction-index.ts";
import type { Finding } from "./finding.ts";
import { LookingDisk } from "./looking-disk.ts";
import type { VerifiedDirectory } from "./verify-directory.ts";
import { findTransactions } from "./verify-transactions.ts";

/** True when the finding is no more. Throws `DiskError`. */
export function* mendFinding(
  context: LogContext,
  finding: Finding,
  found: VerifiedDirectory,
): Cleaning<boolean> {
  if (finding.mendedBy !== "repair") return false;
  const { disk } = context.ports;
  const { path } = finding;
  const directory = path.slice(0, path.lastIndexOf("/"));
  switch (finding.kind) {
    case "deleted-directory":
      removeDirectory(disk, path);
      return true;
    case "leftover-file":
    case "interrupted-swap":
    case "orphan-index":
      if (disk.status(path) !== null) sortFiles(disk, directory);
      return disk.status(path) === null;
    case "wrong-producer-snapshot":
      disk.remove(path);
      disk.syncDirectory(directory);
      return true;
    case "damage":
      return noteDamage(context, directory, finding);
    case "wrong-index":
    case "wrong-index-entries":
      return yield* makeIndexesAgain(context, directory, baseOffsetOf(path));
    case "wrong-transaction-index":
    case "missing-aborted-transactions":
      return yield* makeTransactionIndexAgain(context, directory, finding, found);
    case "wrong-leader-epochs":
      return yield* makeEpochsAgain(context, directory, found);
    default:
      return false;
  }
}

function removeDirectory(disk: Disk, path: string): void {
  for (const name of disk.list(path)) disk.remove(`${path}/${name}`);
  disk.removeDirectory(path);
  disk.syncDirectory(path.slice(0, path.lastIndexOf("/")));
}

/** The log's segments, with the damage that is known of them. */
function segmentsOf({ ports: { disk }, files, cursor }: LogContext, directory: string): LogSegment[] {
  const segments = disk
    .list(directory)
    .map((name) => baseOffsetOfFileName(name, LOG_SUFFIX))
    .filter((base) => base !== null)
    .sort((left, right) => left - right)
    .map((base) => new LogSegment(files, directory, base, 0, false));
  for (const segment of segments) segment.sizeInBytes = segment.log.size();
  takeKnownRanges(disk, directory, segments, cursor);
  return segments;
}

function baseOffsetOf(path: string): number {
  return Number(path.slice(path.lastIndexOf("/") + 1).slice(0, 20));
}

/** From now on readers of these offsets are answered CORRUPT_MESSAGE. */
function noteDamage(context: LogContext, directory: string, finding: Finding): boolean {
  const { position, bytes, fromOffset, toOffset } = finding;
  const segments = segmentsOf(context, directory);
  const segment = segments.find(({ baseOffset }) => baseOffset === baseOffsetOf(finding.path));
  const isKnown = position !== undefined && bytes !== undefined && fromOffset !== undefined;
  if (segment === undefined || !isKnown || toOffset === undefined) return false;
  segment.corruptRanges = [...segment.corruptRanges, { position, bytes, fromOffset, toOffset }].sort(
    (left, right) => left.position - right.position,
  );
  writeCorruptRanges(context.ports.disk, directory, segments);
  for (const each of segments) each.close();
  return true;
}

function* makeIndexesAgain(context: LogContext, directory: string, baseOffset: number): Cleaning<boolean> {
  const segment = segmentsOf(context, directory).find((each) => each.baseOffset === baseOffset);
  if (segment === undefined) return false;
  segment.offsetIndex.load(segment.sizeInBytes);
  segment.timeIndex.load();
  const scrubbed = yield* scrubSegment(
    context,
    new CleanerThrottle(context.ports, Number.POSITIVE_INFINITY),
    {
      segment,
      endOffset: Number.POSITIVE_INFINITY,
      indexIntervalBytes: defaultLogConfig().indexIntervalBytes,
      indexes: "make-again",
      isUnchanged: () => true,
      checked: () => {},
    },
  );
  for (const { file } of [segment.offsetIndex, segment.timeIndex]) file.opened().syncNow();
  context.ports.disk.syncDirectory(directory);
  segment.close();
  return scrubbed !== null;
}

/** Entries that were there and make sense stay: what they tell of may have been compacted away since. */
function* makeTransactionIndexAgain(
  context: LogContext,
  directory: string,
  { kind, path }: Finding,
  found: VerifiedDirectory,
): Cleaning<boolean> {
  const { ports } = context;
  const logEndOffset = found.logs.find((log) => log.path === directory)?.logEndOffset;
  const segments = segmentsOf(context, directory);
  const segment = segments.find(({ baseOffset }) => baseOffset === baseOffsetOf(path));
  if (segment === undefined || logEndOffset === undefined) return false;
  const disk = new LookingDisk(ports.disk, ports.turn);
  const files = new FileCache(disk, LOOK_OPEN_FILES_MAX);
  const looking = { ...context, files, ports: { ...ports, disk } };
  const all = yield* findTransactions(looking, directory, segments, logEndOffset);
  const expected = all.find((each) => each.segment === segment)?.expected ?? [];
  const kept = kind === "wrong-transaction-index" ? [] : segment.transactionIndex.all();
  const byMarker = new Map<number, AbortedTxn>();
  for (const aborted of [...expected, ...kept]) byMarker.set(aborted.lastOffset, aborted);
  segment.transactionIndex.clear();
  const sorted = [...byMarker.values()].sort((left, right) => left.lastOffset - right.lastOffset);
  for (const aborted of sorted) segment.transactionIndex.append(aborted);
  if (segment.transactionIndex.takeUnsynced()) segment.transactionIndex.file.opened().syncNow();
  ports.disk.syncDirectory(directory);
  for (const each of segments) each.close();
  return true;
}

function* makeEpochsAgain(
  context: LogContext,
  directory: string,
  found: VerifiedDirectory,
): Cleaning<boolean> {
  const log = found.logs.find(({ path }) => path === directory);
  if (log === undefined) return false;
  const { disk } = context.ports;
  const segments = segmentsOf(context, directory);
  const epochs = new LeaderEpochCache(disk, directory, []);
  yield* rebuildEpochs(segments, epochs);
  epochs.truncateFromStart(log.logStartOffset);
  if (epochs.entries.length === 0) {
    const path = `${directory}/${LEADER_EPOCH_CHECKPOINT}`;
    if (disk.status(path) !== null) disk.remove(path);
    disk.syncDirectory(directory);
  } else epochs.save(log.logEndOffset);
  for (const segment of segments) segment.close();
  return true;
}
