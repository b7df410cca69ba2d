// Why the logs of a broker do not open: one clear line for the user, and the cause.

/** A directory that is locked, not formatted, someone else's or unreadable. */
export class LogManagerError extends Error {
  override readonly name: string = "LogManagerError";
  readonly directory: string;
  constructor(directory: string, message: string, options?: { cause?: unknown }) {
    super(`${directory}: ${message}`, options);
    this.directory = directory;
  }
}
