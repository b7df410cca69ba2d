// Collects output into pieces of some size. A piece is never written again once it was handed on; bytes of a
// record that is larger than a piece are handed on as they are.
import { OUTPUT_BYTES } from "./limits.ts";

/** Bytes on their way to standard output. */
export class OutputBuffer {
  readonly #write: (bytes: Uint8Array) => void;
  #piece: Buffer = Buffer.allocUnsafe(OUTPUT_BYTES);
  #length = 0;

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length > OUTPUT_BYTES - this.#length) {
      this.flush();
      if (bytes.length > OUTPUT_BYTES) {
        this.#write(bytes);
        return;
      }
    }
    this.#piece.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  text(text: string): void {
    // Three bytes at most for a UTF-16 unit.
    if (text.length * 3 <= OUTPUT_BYTES - this.#length) {
      this.#length += this.#piece.write(text, this.#length);
    } else {
      this.bytes(Buffer.from(text));
    }
  }

  /** Hands on what is collected. */
  flush(): void {
    if (this.#length === 0) return;
    this.#write(this.#piece.subarray(0, this.#length));
    this.#piece = Buffer.allocUnsafe(OUTPUT_BYTES);
    this.#length = 0;
  }
}
