// Finds the frames in what one connection receives. Whole ones are handed on where they lie; the others are
// put together in a buffer of the connection, whose rest the kernel then fills.

const sharedBytes = 256 * 1024;
/** Every connection of the process reads here: who is called with it is done with it on return. */
const shared = Buffer.allocUnsafeSlow(sharedBytes);

/** One direction of one connection. */
export class FrameReceiver {
  readonly #onFrame: (frame: Buffer) => void;
  #partial: Buffer = Buffer.alloc(0);
  /** Bytes of the frame in `#partial`; 0: there is none. */
  #have = 0;

  /** `onFrame` gets frames with their length prefix, each valid until it returns. */
  constructor(onFrame: (frame: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** Where the next bytes are to be put. */
  nextBuffer(): Uint8Array {
    const need = this.#need();
    return this.#have >= 4 ? this.#partial.subarray(this.#have, need) : shared;
  }

  /** So many bytes of the buffer asked for last were filled. */
  onBytes(bytes: number): void {
    if (this.#have >= 4) {
      this.#have += bytes;
      this.#deliverPartial();
      return;
    }
    let rest: Buffer = shared.subarray(0, bytes);
    if (this.#have > 0) rest = this.#completeHeader(rest);
    while (rest.length >= 4) {
      const end = 4 + rest.readInt32BE(0);
      if (rest.length < end) break;
      this.#onFrame(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    if (rest.length > 0) this.#keep(rest);
  }

  /** The end of the length prefix, and what else of its frame came with it; answers what lies behind. */
  #completeHeader(bytes: Buffer): Buffer {
    let at = 0;
    while (this.#have < 4 && at < bytes.length) this.#partial[this.#have++] = bytes[at++] as number;
    if (this.#have < 4) return bytes.subarray(at);
    const need = this.#need();
    this.#reserve(need);
    const taken = Math.min(need - this.#have, bytes.length - at);
    bytes.copy(this.#partial, this.#have, at, at + taken);
    this.#have += taken;
    this.#deliverPartial();
    return bytes.subarray(at + taken);
  }

  #keep(rest: Buffer): void {
    this.#reserve(rest.length >= 4 ? 4 + rest.readInt32BE(0) : 4);
    rest.copy(this.#partial, 0);
    this.#have = rest.length;
  }

  #need(): number {
    return this.#have >= 4 ? 4 + this.#partial.readInt32BE(0) : 4;
  }

  #reserve(bytes: number): void {
    if (this.#partial.length >= bytes) return;
    const larger = Buffer.allocUnsafeSlow(bytes);
    this.#partial.copy(larger, 0, 0, this.#have);
    this.#partial = larger;
  }

  #deliverPartial(): void {
    const need = this.#need();
    if (this.#have < need) return;
    this.#have = 0;
    this.#onFrame(this.#partial.subarray(0, need));
  }
}
