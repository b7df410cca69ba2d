// A deliberate breakage: one text of the product and what comes in its place.

/** A text of a file and what comes in its place. */
export interface Edit {
  readonly find: string;
  readonly replace: string;
}

/** A broken place of the product. */
export interface Breakage extends Edit {
  readonly name: string;
  /** Under packages/. */
  readonly file: string;
  /** Where one line alone would not be enough, as two guard the same; in the same file unless it says. */
  readonly also?: Edit & { readonly file?: string };
  /** `world records` or `world groups` of the simulator, or a test file under packages/. */
  readonly caughtBy: string;
}
