// Log lines that a hostile or broken peer can cause: one per peer and interval, so that the log cannot be
// flooded. What was swallowed is counted and told with the next line.
import type { Logger } from "@ottla/ports";
import { connectionLimits } from "../limits.ts";

interface Complained {
  atMs: number;
  swallowed: number;
}

/** Rate-limited warnings by peer address. */
export class Complaints {
  readonly #logger: Logger;
  readonly #peers = new Map<string, Complained>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  warn(nowMs: number, address: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    const known = this.#peers.get(address);
    if (known !== undefined && nowMs - known.atMs < connectionLimits.complaintIntervalMs) {
      known.swallowed++;
      return;
    }
    const swallowed = known?.swallowed ?? 0;
    // Newest last, so that the first entry is the one to forget.
    this.#peers.delete(address);
    this.#peers.set(address, { atMs: nowMs, swallowed: 0 });
    if (this.#peers.size > connectionLimits.complainingPeersMax) {
      const oldest = this.#peers.keys().next();
      if (oldest.done !== true) this.#peers.delete(oldest.value);
    }
    this.#logger.warn(message, { address, ...fields, ...(swallowed > 0 ? { swallowed } : {}) });
  }
}
