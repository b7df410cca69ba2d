// A tagged field (KIP-482) that our schemas do not know: kept, so that what is forwarded is forwarded whole.

/** Number and raw content of a tagged field without a name. */
export interface UnknownTag {
  readonly tag: number;
  readonly data: Uint8Array;
}
