// Cuts a byte stream into Kafka's frames: int32 length, then that many bytes. A frame that lies whole in what
// just arrived is handed out in place; another one is gathered in a buffer that grows with what arrives,
// never with what the length claims. The length is checked before anything is allocated. Not here: order of
// requests, when to stop reading.
import { connectionLimits } from "../limits.ts";
import type { FrameMemory } from "./frame-memory.ts";

const lengthBytes = 4;

/** Splits the bytes of one connection. */
export class FrameSplitter {
  readonly #memory: FrameMemory;
  /** Largest frame accepted; may change between frames (it is smaller until SASL is done). */
  frameBytesMax: number;
  /** The frame that the last `take` completed: valid until the next `take`. */
  frame: Uint8Array | null = null;
  /** Length that was refused; nothing is taken after it. */
  refusedLength: number | null = null;
  readonly #length = new Uint8Array(lengthBytes);
  #lengthFilled = 0;
  /** Bytes of the frame being gathered; -1 between frames. */
  #claimedBytes = -1;
  #filledBytes = 0;
  #buffer: Uint8Array | null = null;
  #isFrameGathered = false;

  constructor(memory: FrameMemory, frameBytesMax: number) {
    this.#memory = memory;
    this.frameBytesMax = frameBytesMax;
  }

  /** True when a frame or its length has begun and not ended. */
  get isMidFrame(): boolean {
    return this.#claimedBytes >= 0 || this.#lengthFilled > 0;
  }

  /** True when memory is held. */
  get holdsMemory(): boolean {
    return this.#buffer !== null;
  }

  /**
   * Consumes bytes of `view` from `at` up to the end of at most one frame; returns where it stopped. Look at
   * `frame` and `refusedLength` then.
   */
  take(view: Uint8Array, at: number): number {
    this.frame = null;
    if (this.#claimedBytes >= 0) return this.#gather(view, at);
    let position = at;
    let claimed: number;
    if (this.#lengthFilled === 0 && view.length - position >= lengthBytes) {
      claimed = readInt32(view, position);
      position += lengthBytes;
    } else {
      while (this.#lengthFilled < lengthBytes && position < view.length) {
        this.#length[this.#lengthFilled++] = view[position++] ?? 0;
      }
      if (this.#lengthFilled < lengthBytes) return position;
      claimed = readInt32(this.#length, 0);
      this.#lengthFilled = 0;
    }
    if (claimed < 0 || claimed > this.frameBytesMax) {
      this.refusedLength = claimed;
      return position;
    }
    if (view.length - position >= claimed) {
      this.frame = view.subarray(position, position + claimed);
      return position + claimed;
    }
    this.#claimedBytes = claimed;
    this.#filledBytes = 0;
    return position < view.length ? this.#gather(view, position) : position;
  }

  /** True when the frame handed out lies in a buffer of its own. */
  get isFrameGathered(): boolean {
    return this.#isFrameGathered;
  }

  /**
   * Where the next bytes of the frame being gathered may land without a copy; null when that is not worth it.
   */
  nextBuffer(): Uint8Array | null {
    const buffer = this.#buffer;
    if (buffer === null || this.#claimedBytes < 0) return null;
    const end = Math.min(buffer.length, this.#claimedBytes);
    if (end - this.#filledBytes < connectionLimits.gatherBytesMin / 2) return null;
    return buffer.subarray(this.#filledBytes, end);
  }

  /**
   * Lets the caller keep the frame just handed out: the gathered buffer itself, or a copy. `release` takes it
   * back.
   */
  keepFrame(): { readonly frame: Uint8Array; readonly buffer: Uint8Array } {
    const frame = this.frame;
    if (frame === null) throw new Error("no frame to keep");
    if (this.#isFrameGathered && this.#buffer !== null) {
      const buffer = this.#buffer;
      this.#forget();
      return { frame, buffer };
    }
    const buffer = this.#memory.take(frame.length);
    buffer.set(frame);
    return { frame: buffer.subarray(0, frame.length), buffer };
  }

  /** The frame handed out was used: its memory goes back. */
  releaseFrame(): void {
    this.frame = null;
    if (this.#isFrameGathered) this.release();
  }

  /** Gives all memory back; the stream cannot go on in the middle of a frame afterwards. */
  release(): void {
    const buffer = this.#buffer;
    this.#forget();
    if (buffer !== null) this.#memory.give(buffer);
  }

  #forget(): void {
    this.frame = null;
    this.#buffer = null;
    this.#isFrameGathered = false;
  }

  #gather(view: Uint8Array, at: number): number {
    const count = Math.min(this.#claimedBytes - this.#filledBytes, view.length - at);
    const target = this.#roomFor(this.#filledBytes + count);
    const isInPlace =
      view.buffer === target.buffer && view.byteOffset + at === target.byteOffset + this.#filledBytes;
    if (!isInPlace) target.set(view.subarray(at, at + count), this.#filledBytes);
    this.#filledBytes += count;
    if (this.#filledBytes === this.#claimedBytes) {
      this.frame = target.subarray(0, this.#claimedBytes);
      this.#isFrameGathered = true;
      this.#claimedBytes = -1;
    } else if (this.#filledBytes === target.length && !this.#memory.isExceeded) {
      // Grown before the next read, so that the kernel writes the rest where it belongs.
      this.#roomFor(this.#filledBytes + 1);
    }
    return at + count;
  }

  #roomFor(neededBytes: number): Uint8Array {
    const old = this.#buffer;
    if (old !== null && old.length >= neededBytes) return old;
    // Doubling is the least that keeps the copies of a slowly arriving frame linear.
    const factor = this.#memory.isExceeded ? 2 : connectionLimits.gatherGrowthFactor;
    const wanted = Math.max(connectionLimits.gatherFirstBytes, neededBytes * factor);
    const grown = this.#memory.take(Math.min(this.#claimedBytes, wanted));
    if (old !== null) {
      grown.set(old.subarray(0, this.#filledBytes));
      this.#memory.give(old);
    }
    this.#buffer = grown;
    return grown;
  }
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}
