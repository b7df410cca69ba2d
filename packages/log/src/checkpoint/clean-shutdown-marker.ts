// `.kafka_cleanshutdown` at the top of a log directory: its last user closed every log, so nothing needs a
// scan. It is removed, durably, before the first log opens, so that a crash right after the start is not
// taken for a clean stop.
import type { Disk } from "@ottla/ports";

const CLEAN_SHUTDOWN_MARKER = ".kafka_cleanshutdown";

const VERSION = 0;

/** Epoch of the broker that stopped here; -1 when the file does not tell. */
export interface CleanShutdown {
  readonly brokerEpoch: number;
}

/** Durable when it returns. */
export function writeCleanShutdownMarker(disk: Disk, directory: string, brokerEpoch: number): void {
  const content = JSON.stringify({ version: VERSION, brokerEpoch });
  disk.replaceFile(`${directory}/${CLEAN_SHUTDOWN_MARKER}`, new TextEncoder().encode(content));
}

/** Null after a crash. Kafka before 3.8 wrote an empty marker: it counts. */
export function readCleanShutdownMarker(disk: Disk, directory: string): CleanShutdown | null {
  const path = `${directory}/${CLEAN_SHUTDOWN_MARKER}`;
  if (disk.status(path) === null) return null;
  return { brokerEpoch: parseBrokerEpoch(new TextDecoder().decode(disk.readFile(path))) };
}

/** Reads the marker and removes it. */
export function takeCleanShutdownMarker(disk: Disk, directory: string): CleanShutdown | null {
  const found = readCleanShutdownMarker(disk, directory);
  if (found === null) return null;
  disk.remove(`${directory}/${CLEAN_SHUTDOWN_MARKER}`);
  disk.syncDirectory(directory);
  return found;
}

function parseBrokerEpoch(text: string): number {
  const found = /"brokerEpoch"\s*:\s*(-?[0-9]{1,16})/.exec(text);
  return found === null ? -1 : Number(found[1]);
}
