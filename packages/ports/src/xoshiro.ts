// Xoshiro128**: a fast generator for decisions that are no secret. The real port seeds it from the system,
// the fake one from the seed of the simulation, so both draw alike. Not for keys, tokens or nonces: those
// come from `Crypto.secureBytes`.
import type { Random } from "./random.ts";

const UINT32_RANGE = 2 ** 32;

/** Spreads a small seed over the whole state (SplitMix32). */
function splitMix32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

/** A deterministic source of random numbers: the same seed gives the same numbers. */
export class Xoshiro128 implements Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** `seed` is any integer; its 53 bits all count. */
  constructor(seed: number) {
    const low = splitMix32(seed);
    const high = splitMix32(Math.floor(seed / UINT32_RANGE) ^ 0x5bf03635);
    this.#a = low();
    this.#b = low() ^ high();
    this.#c = low() ^ high();
    // An all-zero state would stay zero.
    this.#d = low() | 1;
  }

  uint32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > UINT32_RANGE) {
      throw new RangeError(`bound ${bound} is not an integer in 1..2^32`);
    }
    // Values past the last whole multiple of the bound would favour small results.
    const fair = UINT32_RANGE - (UINT32_RANGE % bound);
    let value = this.uint32();
    while (value >= fair) value = this.uint32();
    return value % bound;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i += 4) {
      const word = this.uint32();
      for (let j = 0; j < 4 && i + j < length; j++) bytes[i + j] = word >>> (8 * j);
    }
    return bytes;
  }
}
