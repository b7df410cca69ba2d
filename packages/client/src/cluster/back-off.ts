// How long to wait before the next try: doubled with every failure, with jitter, up to a maximum (KIP-580).
import type { Random } from "@ottla/ports";
import { BACK_OFF_JITTER } from "../limits.ts";

const DRAWS = 10_000;
/** 2³⁰ times any initial value is above every maximum. */
const DOUBLINGS_MAX = 30;

/** A back-off without state; the caller counts its failures. */
export class BackOff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #random: Random;

  constructor(initialMs: number, maxMs: number, random: Random) {
    this.#initialMs = Math.min(initialMs, maxMs);
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** `failures`: how many there were before the last one, from 0. */
  delayMs(failures: number): number {
    // Also at the maximum there is jitter, or all clients of a lost broker would come back at once.
    const term = Math.min(this.#maxMs, this.#initialMs * 2 ** Math.min(failures, DOUBLINGS_MAX));
    const factor = 1 - BACK_OFF_JITTER + (2 * BACK_OFF_JITTER * this.#random.below(DRAWS)) / DRAWS;
    return Math.min(this.#maxMs, term * factor);
  }
}
