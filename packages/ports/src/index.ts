// The door of package ports.
export type { Chore, ChoreDone, Chores, ChoreTable } from "./chores.ts";
export type { Clock } from "./clock.ts";
export type { Crypto, HashName } from "./crypto.ts";
export {
  hasFailedSyncMarker,
  leaveFailedSyncMarker,
  removeFailedSyncMarker,
} from "./disk/failed-sync-marker.ts";
export {
  type Disk,
  type DiskDone,
  DiskError,
  type DiskFile,
  type DiskLock,
  type DiskSpace,
  type FileStatus,
  type OpenMode,
} from "./disk.ts";
export {
  type DelayRange,
  type FakeCrash,
  type FakeDelays,
  type FakeDiskCall,
  type FakeDiskVerdict,
  type FakeHalt,
  type FakeHost,
  type FakeNode,
  type FakeNodeOptions,
  type FakeStorage,
  FakeWorld,
  type FakeWorldOptions,
  NodeCrashed,
  NotedLogger,
  type RunEnd,
  type RunLimit,
} from "./fake/index.ts";
export { LOG_LEVELS, type Logger, type Loggers, type LogLevel, plainLoggers, ROOT_LOGGER } from "./logger.ts";
export {
  type Connection,
  type ConnectionEvents,
  HELD_CONNECTIONS_MAX,
  type ListenAddress,
  type Listener,
  type Network,
  NetworkError,
} from "./network.ts";
export { createNodeChores } from "./node/chores.ts";
export { createNodeClock } from "./node/clock.ts";
export { createNodeCrypto } from "./node/crypto.ts";
export { createNodeDisk } from "./node/disk/node-disk.ts";
export { POOL_THREADS_MIN } from "./node/limits.ts";
export { createNodeNetwork, type NodeNetworkOptions } from "./node/network/node-network.ts";
export { poolThreads } from "./node/pool.ts";
export { createNodePorts, type NodePortsOptions } from "./node/ports.ts";
export { createNodeProcess } from "./node/process.ts";
export { createNodeRandom } from "./node/random.ts";
export { createNodeTimers } from "./node/timers.ts";
export { createNodeTurn, settlePromises } from "./node/turn.ts";
export { createNodeWatchdog } from "./node/watchdog.ts";
export { createNodeZip } from "./node/zip/index.ts";
export type { Ports } from "./ports.ts";
export type { Process } from "./process.ts";
export type { Random } from "./random.ts";
export {
  endsPiece,
  type Pieces,
  runWhole,
  type SlicedWork,
  type SliceObserver,
  Slices,
  type WorkEnd,
} from "./slices/slices.ts";
export { sortInPieces } from "./slices/sort-in-pieces.ts";
export type { TimerHandle, Timers } from "./timers.ts";
export type { Turn } from "./turn.ts";
export type { Watchdog, WatchOptions } from "./watchdog.ts";
export { Xoshiro128 } from "./xoshiro.ts";
export { type Unzipping, type Zip, type ZipCodec, ZipError } from "./zip.ts";
