// `.ottla_scrub_position` in a log directory: the log and offset that the scrub comes to next, so that a
// restart does not begin all over. Lost or unreadable, it does.
import type { Disk } from "@ottla/ports";
import {
  decodeCheckpointText,
  encodeCheckpointText,
  MalformedCheckpointError,
  parseCount,
  readWholeFile,
} from "../checkpoint/checkpoint-text.ts";

const FILE = ".ottla_scrub_position";
const VERSION = 0;

/** Where to go on. */
export interface ScrubPosition {
  /** Name of the partition's directory. */
  readonly log: string;
  readonly nextOffset: number;
}

/** Null: from the beginning. Throws `DiskError`. */
export function readScrubPosition(disk: Disk, directory: string): ScrubPosition | null {
  const path = `${directory}/${FILE}`;
  try {
    const bytes = readWholeFile(disk, path);
    const [line] = bytes === null ? [] : decodeCheckpointText(path, VERSION, bytes);
    const [log, offset, ...rest] = line?.split(" ") ?? [];
    const nextOffset = parseCount(offset);
    return log === undefined || nextOffset === null || rest.length > 0 ? null : { log, nextOffset };
  } catch (error) {
    if (!(error instanceof MalformedCheckpointError)) throw error;
    return null;
  }
}

/** Starts to write it; a failure costs a repeated look only. */
export function saveScrubPosition(disk: Disk, directory: string, position: ScrubPosition | null): void {
  const lines = position === null ? [] : [`${position.log} ${position.nextOffset}`];
  disk.replaceFileLater(`${directory}/${FILE}`, encodeCheckpointText(VERSION, lines), () => {});
}
