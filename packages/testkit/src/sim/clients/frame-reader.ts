// Cuts a byte stream into frames: four bytes of length, then that many bytes. Each frame is a copy of its
// own.

const FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** Gathers bytes and hands out whole frames. */
export class FrameReader {
  readonly #onFrame: (frame: Uint8Array) => void;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  constructor(onFrame: (frame: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  /** `view` is copied. */
  push(view: Uint8Array): void {
    this.#pending.push(view.slice());
    this.#pendingBytes += view.length;
    for (let length = this.#frameLength(); length >= 0; length = this.#frameLength()) {
      const frame = this.#join().subarray(4, 4 + length);
      const rest = this.#join().subarray(4 + length);
      this.#pending = rest.length === 0 ? [] : [rest];
      this.#pendingBytes = rest.length;
      this.#onFrame(frame);
    }
  }

  /** Of the first frame, or -1 when it is not whole. */
  #frameLength(): number {
    if (this.#pendingBytes < 4) return -1;
    if ((this.#pending[0] as Uint8Array).length < 4) this.#join();
    const first = this.#pending[0] as Uint8Array;
    const length = new DataView(first.buffer, first.byteOffset, 4).getInt32(0);
    if (length < 0 || length > FRAME_BYTES_MAX) throw new Error(`a frame of ${length} bytes`);
    return this.#pendingBytes >= 4 + length ? length : -1;
  }

  #join(): Uint8Array {
    const [only, ...others] = this.#pending;
    if (only !== undefined && others.length === 0) return only;
    const whole = new Uint8Array(this.#pendingBytes);
    let at = 0;
    for (const part of this.#pending) {
      whole.set(part, at);
      at += part.length;
    }
    this.#pending = [whole];
    return whole;
  }
}
