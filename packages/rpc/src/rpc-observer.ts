// What a connection tells of its traffic, for metrics. Its methods run on the hot path: they count, no more.

/** Told of the traffic of connections. */
export interface RpcObserver {
  /** The connection can take requests. */
  opened(): void;
  /** A connection of which `opened` was told is gone. */
  closed(): void;
  /** A request was written; bytes with its length prefix. */
  sent(bytes: number): void;
  /** An answer has arrived; bytes with its length prefix. */
  received(bytes: number): void;
  /** An answer was understood. `throttleMs` is what it told, whoever waits for it. */
  answered(apiKey: number, latencyMs: number, throttleMs: number): void;
}
