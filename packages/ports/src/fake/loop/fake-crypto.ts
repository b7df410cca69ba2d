// Cryptography of a simulated node: random bytes come from the seed; digests, which are pure, from a real
// implementation that the simulation passes in.
import type { Crypto } from "../../crypto.ts";
import type { Random } from "../../random.ts";

/** `digests` may be missing where nothing is hashed; then hashing throws. */
export function createFakeCrypto(random: Random, digests: Crypto | undefined): Crypto {
  const real = (): Crypto => {
    if (digests === undefined) throw new Error("this world was given no crypto");
    return digests;
  };
  return {
    secureBytes: (length) => random.bytes(length),
    hash: (name, data) => real().hash(name, data),
    hmac: (name, key, data) => real().hmac(name, key, data),
    equal: (left, right) => real().equal(left, right),
  };
}
