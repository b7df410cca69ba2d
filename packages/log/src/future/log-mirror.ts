// What a log tells the copy of it that is made in another log directory.

/** Hears of every change of a log. */
export interface LogMirror {
  /** Records of the log count as durable below here only; infinite while the copy has not caught up. */
  readonly durableEndOffset: number;
  /** One batch, with its final header, was appended; read during the call only. */
  appended(batch: Uint8Array): void;
  /** What was appended is written. */
  flushed(): void;
  /** The log failed, or is about to be cut: it may hold other records than it did. */
  lost(): void;
}
