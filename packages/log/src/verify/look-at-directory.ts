// Runs a look at a log directory, and a repair of what it found, in slices of the loop. A repair holds the
// directory's lock from before the look until after the last change, so that no broker runs meanwhile; a look
// takes the lock for a moment only, to learn whether a broker does.
import { DiskError, type Logger, type Ports, type Slices } from "@ottla/ports";
import { CleanerThrottle } from "../cleaner/cleaner-throttle.ts";
import { type Cleaning, runCleaning } from "../cleaner/cleaning.ts";
import { LOOK_OPEN_FILES_MAX } from "../limits.ts";
import { createLogContext, type LogContext } from "../log-context.ts";
import { LogManagerError } from "../log-manager-error.ts";
import { FileCache } from "../segment/file-cache.ts";
import { type Finding, Findings } from "./finding.ts";
import { LookingDisk } from "./looking-disk.ts";
import { mendFinding } from "./mend-log.ts";
import { type VerifiedDirectory, verifyDirectory } from "./verify-directory.ts";

/** What is looked at, and who is told. */
export interface DirectoryLookOptions {
  readonly ports: Ports;
  readonly slices: Slices;
  /** Absolute path of the log directory. */
  readonly path: string;
  /** Names of the partitions' directories; null: all. */
  readonly partitions: ReadonlySet<string> | null;
  /** Told of bytes as they are checked. */
  readonly checked: (bytes: number) => void;
}

/** What a look answers. */
export type VerifyDone = (result: VerifiedDirectory | LogManagerError) => void;

/** What a repair did. */
export interface RepairedDirectory {
  readonly found: VerifiedDirectory;
  /** Findings that are no more. */
  readonly mended: readonly Finding[];
}

/** Completion of a repair. */
export type RepairDone = (result: RepairedDirectory | LogManagerError) => void;

/** Looks, changes nothing. `done` in a later turn. */
export function verifyLogDirectory(options: DirectoryLookOptions, done: VerifyDone): void {
  run(options, lookAt(options, isInUse(options)), done);
}

/**
 * Looks and mends what can be made again from the log, without changing a byte of a record. `done` in a later
 * turn; with a `LogManagerError` when the directory is in use.
 */
export function repairLogDirectory(options: DirectoryLookOptions, done: RepairDone): void {
  run(options, repair(options), done);
}

function* repair(options: DirectoryLookOptions): Cleaning<RepairedDirectory> {
  const { path, ports } = options;
  const lock = ports.disk.lock(path);
  if (lock === null) {
    throw new LogManagerError(path, "a broker uses this log directory (.lock is held): stop it first");
  }
  try {
    const found = yield* lookAt(options, false);
    const context = contextOver(ports);
    const mended: Finding[] = [];
    for (const finding of found.findings) {
      if (yield* mendFinding(context, finding, found)) mended.push(finding);
    }
    return { found, mended };
  } finally {
    lock.release();
  }
}

function lookAt(
  { ports, path, partitions, checked }: DirectoryLookOptions,
  inUse: boolean,
): Cleaning<VerifiedDirectory> {
  const looking = { ...ports, disk: new LookingDisk(ports.disk, ports.turn) };
  const context = contextOver(looking);
  const throttle = new CleanerThrottle(ports, Number.POSITIVE_INFINITY);
  return verifyDirectory(
    { context, throttle, findings: new Findings(), checked },
    { path, partitions, isInUse: inUse },
  );
}

/** A directory whose lock cannot be asked for is not known to be in use. */
function isInUse({ ports: { disk }, path }: DirectoryLookOptions): boolean {
  try {
    if (disk.status(`${path}/.lock`) === null) return false;
    const lock = disk.lock(path);
    lock?.release();
    return lock === null;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return false;
  }
}

function contextOver(ports: Ports): LogContext {
  const context = createLogContext({
    ports,
    logger: SILENT,
    tailCacheBytesMax: 0,
    readLentBytesMax: 0,
    producerIdExpirationMs: Number.MAX_SAFE_INTEGER,
  });
  return { ...context, files: new FileCache(ports.disk, LOOK_OPEN_FILES_MAX) };
}

/** What is found comes back as data. */
const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

function run<Result>(
  { slices, path }: DirectoryLookOptions,
  work: Cleaning<Result>,
  done: (result: Result | LogManagerError) => void,
): void {
  const failed = (error: unknown): void => {
    if (error instanceof LogManagerError) done(error);
    else if (error instanceof DiskError) done(new LogManagerError(path, error.message, { cause: error }));
    else throw error;
  };
  runCleaning(slices, work, { done, failed }, "log verification");
}
