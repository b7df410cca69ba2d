// What all logs of a broker share: the outside world, memory pools, open files, scratch objects.
// The scratch objects are used within one synchronous step and never across turns.
import type { Logger, Ports } from "@ottla/ports";
import { createRecordWalk, type RecordWalk } from "@ottla/protocol";
import { UnzipLanes } from "./append/unzip-lanes.ts";
import { LogDamage } from "./damage/log-damage.ts";
import { LoopReads } from "./read/loop-reads.ts";
import { ReadBufferPool } from "./read/read-buffer-pool.ts";
import { BatchCursor } from "./segment/batch-cursor.ts";
import { FileCache, openLogFilesMax } from "./segment/file-cache.ts";
import { TailBlockPool } from "./tail/tail-block-pool.ts";

/** Shared by the logs of one broker. */
export interface LogContext {
  readonly ports: Ports;
  readonly logger: Logger;
  readonly damage: LogDamage;
  readonly files: FileCache;
  readonly tails: TailBlockPool;
  readonly readBuffers: ReadBufferPool;
  readonly loopReads: LoopReads;
  readonly cursor: BatchCursor;
  readonly walk: RecordWalk;
  readonly unzipLanes: UnzipLanes;
  readonly producerIdExpirationMs: number;
}

/** A context over `ports`. */
export function createLogContext(options: {
  readonly ports: Ports;
  readonly logger: Logger;
  readonly tailCacheBytesMax: number;
  readonly readLentBytesMax: number;
  readonly producerIdExpirationMs: number;
}): LogContext {
  return {
    ports: options.ports,
    logger: options.logger,
    damage: new LogDamage(options.logger, options.ports.clock),
    files: new FileCache(options.ports.disk, openLogFilesMax(options.ports.process.openFilesMax())),
    tails: new TailBlockPool(options.tailCacheBytesMax),
    readBuffers: new ReadBufferPool(options.readLentBytesMax),
    loopReads: new LoopReads(options.ports.clock),
    cursor: new BatchCursor(),
    walk: createRecordWalk(),
    unzipLanes: new UnzipLanes(),
    producerIdExpirationMs: options.producerIdExpirationMs,
  };
}
