// Cryptographic primitives that SASL and identifiers need. Synchronous; all inputs are small.

/** Hash names as Node knows them. */
export type HashName = "md5" | "sha256" | "sha512";

/** Cryptography of the platform. */
export interface Crypto {
  /** Unpredictable bytes. */
  secureBytes(length: number): Uint8Array;
  hash(name: HashName, data: Uint8Array): Uint8Array;
  hmac(name: HashName, key: Uint8Array, data: Uint8Array): Uint8Array;
  /** Compares in time that depends on the lengths alone. */
  equal(left: Uint8Array, right: Uint8Array): boolean;
}
