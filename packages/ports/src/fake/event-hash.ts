// A running hash of everything that happened: two runs of one seed are equal when their hashes are.

const PRIME_LOW = 0x01000193;
const PRIME_HIGH = 0x85ebca6b;

function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME_LOW);
  return hash;
}

/** 64 bits in two lanes. */
export class EventHash {
  #low = 0x811c9dc5;
  #high = 0x27d4eb2f;
  readonly #texts = new Map<string, number>();

  /** Mixes in what happened, to whom, and a number such as the time. */
  add(kind: string, name: string, value: number): void {
    this.#mix(this.#textHash(kind));
    this.#mix(this.#textHash(name));
    this.#mix(value | 0);
    this.#mix(Math.floor(value / 2 ** 32) | 0);
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, "0");
    return hex(this.#high) + hex(this.#low);
  }

  #mix(word: number): void {
    this.#low = Math.imul(this.#low ^ word, PRIME_LOW);
    this.#low ^= this.#low >>> 15;
    this.#high = Math.imul(this.#high ^ word, PRIME_HIGH);
    this.#high ^= this.#high >>> 13;
  }

  #textHash(text: string): number {
    let hash = this.#texts.get(text);
    if (hash === undefined) {
      hash = textHash(text);
      this.#texts.set(text, hash);
    }
    return hash;
  }
}
