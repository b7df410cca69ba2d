// The door of package ports.
export type { ChoreDone, Chores } from "./chores.ts";
export type { Clock } from "./clock.ts";
export type { Crypto, HashName } from "./crypto.ts";
export {
  type Disk,
  type DiskDone,
  DiskError,
  type DiskFile,
  type DiskLock,
  type FileStatus,
  type OpenMode,
} from "./disk.ts";
export {
  type Connection,
  type ConnectionEvents,
  type Listener,
  type Network,
  NetworkError,
} from "./network.ts";
export type { Ports } from "./ports.ts";
export type { Process } from "./process.ts";
export type { Random } from "./random.ts";
export type { TimerHandle, Timers } from "./timers.ts";
export type { Turn } from "./turn.ts";
export { type Zip, type ZipCodec, ZipError } from "./zip.ts";
