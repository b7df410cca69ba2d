// How far the opening of a directory's logs is. Not here: how often that is told to a human (the owner).
import type { FileToCheck } from "./files-to-check.ts";

/** What there is to say at a moment. */
export interface OpeningState {
  readonly directory: string;
  readonly opened: number;
  readonly total: number;
  /** Bytes to check of the logs that are not open yet. */
  readonly bytesLeft: number;
  /** The log that goes on; null once it is open. */
  readonly opening: string | null;
}

/** Counts for one directory. */
export class OpeningProgress {
  readonly #directory: string;
  readonly #total: number;
  readonly #tell: ((state: OpeningState) => void) | undefined;
  readonly #files: ReadonlyMap<string, readonly FileToCheck[]>;
  #bytesLeft = 0;
  #opened = 0;

  /** `files`: what is to be checked of each log. */
  constructor(
    directory: string,
    total: number,
    files: ReadonlyMap<string, readonly FileToCheck[]>,
    tell: ((state: OpeningState) => void) | undefined,
  ) {
    this.#directory = directory;
    this.#total = total;
    this.#files = files;
    this.#tell = tell;
    for (const name of files.keys()) this.#bytesLeft += this.#bytesOf(name);
  }

  goesOn(name: string): void {
    this.#say(name);
  }

  opened(name: string): void {
    this.#bytesLeft -= this.#bytesOf(name);
    this.#opened += 1;
    this.#say(null);
  }

  #bytesOf(name: string): number {
    return (this.#files.get(name) ?? []).reduce((sum, { position, end }) => sum + end - position, 0);
  }

  #say(opening: string | null): void {
    const bytesLeft = this.#bytesLeft;
    this.#tell?.({
      directory: this.#directory,
      opened: this.#opened,
      total: this.#total,
      bytesLeft,
      opening,
    });
  }
}
