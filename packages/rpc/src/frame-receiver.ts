// Cuts the byte stream of a connection into frames. Every frame has memory of its own, so what is decoded
// from it may point into it for ever. The length is checked before memory is taken, and the rest of a large
// frame is received right into its place.
import { IN_PLACE_BYTES_MIN, RESPONSE_BYTES_MIN } from "./limits.ts";

/** What a receiver tells its owner. */
export interface FrameEvents {
  onFrame(frame: Uint8Array): void;
  /** The announced length is out of bounds; the receiver takes nothing more. */
  onBadLength(length: number): void;
}

const NO_FRAME = new Uint8Array(0);

/** The receiving end of one connection. */
export class FrameReceiver {
  readonly #bytesMax: number;
  readonly #events: FrameEvents;
  #frame: Uint8Array = NO_FRAME;
  #filled = 0;
  #length = 0;
  #lengthBytes = 0;
  #isStopped = false;

  constructor(bytesMax: number, events: FrameEvents) {
    this.#bytesMax = bytesMax;
    this.#events = events;
  }

  /** No frame is handed out any more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Where the next bytes should land, or null when it does not matter. */
  nextBuffer(): Uint8Array | null {
    const missing = this.#frame.length - this.#filled;
    return missing >= IN_PLACE_BYTES_MIN ? this.#frame.subarray(this.#filled) : null;
  }

  push(view: Uint8Array): void {
    let at = 0;
    while (at < view.length && !this.#isStopped) {
      at = this.#frame === NO_FRAME ? this.#takeLength(view, at) : this.#takeBody(view, at);
    }
  }

  #takeLength(view: Uint8Array, start: number): number {
    let at = start;
    while (at < view.length && this.#lengthBytes < 4) {
      this.#length = (this.#length << 8) | (view[at] as number);
      this.#lengthBytes += 1;
      at += 1;
    }
    if (this.#lengthBytes < 4) return at;
    if (this.#length < RESPONSE_BYTES_MIN || this.#length > this.#bytesMax) {
      this.#isStopped = true;
      this.#events.onBadLength(this.#length);
      return at;
    }
    this.#frame = new Uint8Array(this.#length);
    this.#filled = 0;
    return at;
  }

  #takeBody(view: Uint8Array, start: number): number {
    const frame = this.#frame;
    const taken = Math.min(view.length - start, frame.length - this.#filled);
    const isInPlace =
      view.buffer === frame.buffer && view.byteOffset + start === frame.byteOffset + this.#filled;
    if (!isInPlace) frame.set(view.subarray(start, start + taken), this.#filled);
    this.#filled += taken;
    if (this.#filled === frame.length) {
      this.#frame = NO_FRAME;
      this.#length = 0;
      this.#lengthBytes = 0;
      this.#events.onFrame(frame);
    }
    return start + taken;
  }
}
