// A second thread that ends the process when its event loop falls silent. A loop that cannot run cannot end
// itself either, and while it is stuck its connections stay open: clients would wait for a leader that will
// never answer. Not here: who beats, and when watching is worth its memory.

/** How a loop is watched. */
export interface WatchOptions {
  /** Silence that ends the process, in milliseconds that the watching thread itself lived through. */
  readonly silenceMsMax: number;
  /** The line that is left on standard error. */
  readonly lastWords: string;
  /** Nobody watches any more: the thread died. Runs at most once, in a later turn. */
  failed(cause: Error): void;
}

/** Watches the one loop of a process, or nothing until it is told to. */
export interface Watchdog {
  readonly isWatching: boolean;
  /** The longest silence so far in milliseconds, to the length of one look. */
  readonly longestSilenceMs: number;
  /** Begins; no effect while it watches. Time in which the whole process stands still does not count. */
  watch(options: WatchOptions): void;
  /** The loop runs. Cheap; due at least four times within `silenceMsMax`. */
  beat(): void;
  stop(): void;
}
