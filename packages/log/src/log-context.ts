// What all logs of a broker share: the outside world, memory pools, open files, scratch objects.
// The scratch objects are used within one synchronous step and never across turns.
import type { Logger, Ports } from "@ottla/ports";
import { createRecordWalk, type RecordWalk } from "@ottla/protocol";
import { UnzipLanes } from "./append/unzip-lanes.ts";
import { OPEN_FILES_MAX, OPEN_FILES_MIN, OPEN_FILES_SHARE } from "./limits.ts";
import { LoopReads } from "./read/loop-reads.ts";
import { ReadBufferPool } from "./read/read-buffer-pool.ts";
import { BatchCursor } from "./segment/batch-cursor.ts";
import { FileCache } from "./segment/file-cache.ts";
import { TailBlockPool } from "./tail/tail-block-pool.ts";

/** Shared by the logs of one broker. */
export interface LogContext {
  readonly ports: Ports;
  readonly logger: Logger;
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
  const openMax = Math.floor(options.ports.process.openFilesMax() * OPEN_FILES_SHARE);
  return {
    ports: options.ports,
    logger: options.logger,
    files: new FileCache(options.ports.disk, Math.min(Math.max(openMax, OPEN_FILES_MIN), OPEN_FILES_MAX)),
    tails: new TailBlockPool(options.tailCacheBytesMax),
    readBuffers: new ReadBufferPool(options.readLentBytesMax),
    loopReads: new LoopReads(options.ports.clock),
    cursor: new BatchCursor(),
    walk: createRecordWalk(),
    unzipLanes: new UnzipLanes(),
    producerIdExpirationMs: options.producerIdExpirationMs,
  };
}
