// The default of byte fields: one array for all, since it has no content to change.

/** No bytes. */
export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);
