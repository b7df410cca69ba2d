// Who may connect: connections in all, per address, and per second. A full house and a fast stream of
// connections make the listener pause, so that the backlog waits; one address with too many is refused.

/** Bounds on connections. */
export interface ConnectionQuotaLimits {
  readonly connectionsMax: number;
  readonly perIpMax: number;
  readonly perIpOverrides: ReadonlyMap<string, number>;
  readonly perSecondMax: number;
}

/** Counts connections against their bounds. Times are monotonic. */
export class ConnectionQuota {
  readonly #limits: ConnectionQuotaLimits;
  readonly #byAddress = new Map<string, number>();
  #count = 0;
  /** Connections that may be accepted at once; refills with time. */
  #tokens: number;
  #refilledMs: number;

  constructor(limits: ConnectionQuotaLimits, nowMs: number) {
    this.#limits = limits;
    this.#tokens = limits.perSecondMax;
    this.#refilledMs = nowMs;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= this.#limits.connectionsMax;
  }

  /** Counts a new connection; false when its address has too many. */
  admit(address: string, nowMs: number): boolean {
    this.#refill(nowMs);
    this.#tokens -= 1;
    const max = this.#limits.perIpOverrides.get(address) ?? this.#limits.perIpMax;
    const count = this.#byAddress.get(address) ?? 0;
    if (count >= max) return false;
    this.#byAddress.set(address, count + 1);
    this.#count++;
    return true;
  }

  /** A connection that was admitted is gone. */
  leave(address: string): void {
    this.#count--;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }

  /** Milliseconds until the rate allows another connection; 0: now. */
  pauseMs(nowMs: number): number {
    this.#refill(nowMs);
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / this.#limits.perSecondMax);
  }

  #refill(nowMs: number): void {
    const { perSecondMax } = this.#limits;
    const gained = ((nowMs - this.#refilledMs) * perSecondMax) / 1000;
    this.#tokens = Math.min(perSecondMax, this.#tokens + gained);
    this.#refilledMs = nowMs;
  }
}
