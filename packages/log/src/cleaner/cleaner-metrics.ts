// What the cleaner did and could not do, in the terms of Apache Kafka's metrics of LogCleaner and
// LogCleanerManager. Plain numbers, read by a scrape.
import type { PartitionLog } from "../partition-log.ts";
import type { CleaningResult } from "./clean-log.ts";

/** Numbers of one log directory. */
export interface UncleanableLogs {
  readonly directory: string;
  readonly partitions: number;
  readonly bytes: number;
}

/** Numbers of the cleaner. */
export class CleanerMetrics {
  /** Of the last cleaning. */
  maxCleanTimeSecs = 0;
  cleanerRecopyPercent = 0;
  maxBufferUtilizationPercent = 0;
  /** As of the last look at all logs. */
  maxCompactionDelaySecs = 0;
  maxDirtyPercent = 0;
  cleanings = 0;
  abortedCleanings = 0;
  readBytes = 0;
  writtenBytes = 0;
  /** Monotonic milliseconds of the last look at all logs; null before the first. */
  lastRunMs: number | null = null;
  readonly uncleanable: Set<PartitionLog> = new Set();

  ended(result: CleaningResult, tookMs: number): void {
    this.cleanings += 1;
    this.readBytes += result.bytesRead;
    this.writtenBytes += result.bytesAfter;
    this.maxCleanTimeSecs = tookMs / 1000;
    this.cleanerRecopyPercent = result.bytesBefore === 0 ? 0 : (100 * result.bytesAfter) / result.bytesBefore;
    this.maxBufferUtilizationPercent = 100 * result.utilization;
  }

  /** Logs set aside, by directory; all directories that were asked for. */
  uncleanableIn(directories: readonly string[]): UncleanableLogs[] {
    return directories.map((directory) => {
      const logs = [...this.uncleanable].filter((log) => log.directory === directory);
      return {
        directory,
        partitions: logs.length,
        bytes: logs.reduce((sum, log) => sum + log.sizeInBytes, 0),
      };
    });
  }
}
