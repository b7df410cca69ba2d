// `leader-epoch-checkpoint` in a partition's directory: lines "epoch startOffset", epochs and offsets
// ascending.
import type { Disk } from "@ottla/ports";
import {
  decodeCheckpointText,
  encodeCheckpointText,
  MalformedCheckpointError,
  parseCount,
  readWholeFile,
} from "./checkpoint-text.ts";

export const LEADER_EPOCH_CHECKPOINT = "leader-epoch-checkpoint";

const VERSION = 0;

/** The offset at which a leader epoch began. */
export interface EpochEntry {
  readonly epoch: number;
  readonly startOffset: number;
}

/** The file's bytes. */
export function encodeLeaderEpochs(entries: readonly EpochEntry[]): Uint8Array {
  return encodeCheckpointText(
    VERSION,
    entries.map((entry) => `${entry.epoch} ${entry.startOffset}`),
  );
}

/** The entries of the file, empty when there is none. Throws `DiskError` and `MalformedCheckpointError`. */
export function readLeaderEpochs(disk: Disk, path: string): EpochEntry[] {
  const bytes = readWholeFile(disk, path);
  if (bytes === null) return [];
  return decodeCheckpointText(path, VERSION, bytes).map((line) => {
    const [epochText, offsetText, ...rest] = line.split(" ");
    const epoch = parseCount(epochText);
    const startOffset = parseCount(offsetText);
    if (epoch === null || startOffset === null || rest.length > 0) {
      throw new MalformedCheckpointError(path, `line "${line.slice(0, 300)}" is not "epoch startOffset"`);
    }
    return { epoch, startOffset };
  });
}
