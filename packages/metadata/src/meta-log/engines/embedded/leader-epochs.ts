// The file `leader-epoch-checkpoint`: where each epoch began. Text: version 0, the number of lines, then
// "epoch offset" each.
import type { Offset } from "@ottla/protocol";

export const LEADER_EPOCH_FILE = "leader-epoch-checkpoint";

export interface EpochStart {
  readonly epoch: number;
  readonly startOffset: Offset;
}

export function encodeLeaderEpochs(starts: readonly EpochStart[]): Uint8Array {
  const lines = [
    "0",
    String(starts.length),
    ...starts.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`),
  ];
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}
