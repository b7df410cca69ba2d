// A place in a segment file that holds no batch although one must be there. Readers get CORRUPT_MESSAGE for
// it.

/** Where a log is damaged. */
export class CorruptLogError extends Error {
  override readonly name: string = "CorruptLogError";
  readonly path: string;
  readonly position: number;
  constructor(path: string, position: number) {
    super(`${path} holds no valid batch at position ${position}`);
    this.path = path;
    this.position = position;
  }
}
