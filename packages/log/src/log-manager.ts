// All logs of a broker. Signatures first; see README.md.
import type { BrokerConfig, LogConfig } from "@ottla/config";
import type { Ports } from "@ottla/ports";
import type { Uuid } from "@ottla/protocol";
import type { Logger } from "./logger.ts";
import type { PartitionLog } from "./partition-log.ts";

export interface LogManagerOptions {
  readonly ports: Ports;
  readonly config: BrokerConfig;
  readonly clusterId: string;
  readonly requestTurnEnd: () => void;
  readonly logger: Logger;
  /** Settings of a topic found on disk. */
  readonly topicConfig: (topic: string) => LogConfig;
  /** Bytes of tail blocks over all logs; the default when absent. */
  readonly tailCacheBytesMax?: number;
}

/** Why the manager does not open: one clear line for the user. */
export declare class LogManagerError extends Error {}

export declare class LogManager {
  static open(options: LogManagerOptions, done: (result: LogManager | LogManagerError) => void): void;
  /** Writes what the turn appended. Only the owner of the turn's end calls it. */
  flushDirty(): void;
  log(topic: string, partition: number): PartitionLog | null;
  logs(): Iterable<PartitionLog>;
  /** Throws `DiskError`. Returns the log when it is there already. */
  createLog(where: {
    topic: string;
    topicId: Uuid;
    partition: number;
    config: LogConfig;
    directoryId?: Uuid;
  }): PartitionLog;
  deleteLog(topic: string, partition: number): void;
  /** Checkpoints, retention, expiry, reopening; called about once a second. */
  tick(nowMs: number): void;
  close(brokerEpoch: number, done: () => void): void;
}
