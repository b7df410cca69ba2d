// A failure that Kafka's tool does not catch: it ends the tool with one line on stderr and exit code 1.
// Scripts look for that line, so it keeps the exception's name; there are no frames to print.

/** `exception` as Java prints it, with the message behind a colon when there is one. */
export class JavaFailure extends Error {
  override readonly name: string = "JavaFailure";
  readonly line: string;
  constructor(exception: string, message: string | null = null) {
    super(message ?? exception);
    this.line = message === null ? exception : `${exception}: ${message}`;
  }
}
