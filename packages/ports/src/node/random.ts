// Fast randomness seeded once from the system. Not for secrets.
import { randomBytes } from "node:crypto";
import type { Random } from "../random.ts";
import { Xoshiro128 } from "../xoshiro.ts";

/** A generator with a fresh seed. */
export function createNodeRandom(): Random {
  const seed = randomBytes(8);
  return new Xoshiro128(seed.readUIntBE(0, 6));
}
