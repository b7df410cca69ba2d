// The answer to "where did this leader epoch end" (OffsetForLeaderEpoch, KIP-101, KIP-279).

/** `leaderEpoch` -1 and `endOffset` -1 when the log does not know. */
export interface EpochEndOffset {
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

export const UNDEFINED_EPOCH = -1;
const UNDEFINED_OFFSET = -1;

export const UNDEFINED_EPOCH_END_OFFSET: EpochEndOffset = Object.freeze({
  leaderEpoch: UNDEFINED_EPOCH,
  endOffset: UNDEFINED_OFFSET,
});
