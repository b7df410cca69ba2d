// Cryptographic primitives by `node:crypto`. Results are plain arrays of their own, never views on a pool.
import { createHash, createHmac, randomFillSync, timingSafeEqual } from "node:crypto";
import type { Crypto, HashName } from "../crypto.ts";

/** Cryptography of the platform. */
export function createNodeCrypto(): Crypto {
  return {
    secureBytes: (length: number) => randomFillSync(new Uint8Array(length)),
    hash: (name: HashName, data: Uint8Array) => new Uint8Array(createHash(name).update(data).digest()),
    hmac: (name: HashName, key: Uint8Array, data: Uint8Array) =>
      new Uint8Array(createHmac(name, key).update(data).digest()),
    equal: (left: Uint8Array, right: Uint8Array) =>
      left.length === right.length && timingSafeEqual(left, right),
  };
}
