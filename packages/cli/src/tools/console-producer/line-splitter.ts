// Lines of a byte stream: each ends at \n, \r or \r\n, the last one at the end of the stream if it is not
// empty. Lines are views of what was pushed, or of a copy when they cross pushes; they are valid for ever, as
// no one writes into them. Bytes that are no UTF-8 become U+FFFD, as in Java's readers.
import { isUtf8 } from "node:buffer";
import { JavaException } from "../../options/java-exception.ts";
import { LINE_BYTES_MAX } from "./limits.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Splits a stream; push its chunks in order, then `end`. */
export class LineSplitter {
  /** Parts of the line that is not complete yet. */
  readonly #parts: Uint8Array[] = [];
  #partBytes = 0;
  /** The chunk before ended in \r: a \n at the start of the next belongs to it. */
  #skipsNewline = false;

  /** The lines that this chunk completes. */
  push(chunk: Uint8Array): Uint8Array[] {
    const lines: Uint8Array[] = [];
    let start = this.#skipsNewline && chunk[0] === NEWLINE ? 1 : 0;
    if (chunk.length > 0) this.#skipsNewline = false;
    const hasReturns = chunk.includes(RETURN);
    for (;;) {
      const end = hasReturns ? lineEnd(chunk, start) : chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      lines.push(this.#complete(chunk.subarray(start, end)));
      start = end + 1;
      if (chunk[end] !== RETURN) continue;
      if (start === chunk.length) this.#skipsNewline = true;
      else if (chunk[start] === NEWLINE) start += 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return isUtf8(chunk) ? lines : lines.map(replaceMalformed);
  }

  /** The last line, when the stream does not end in a line end. */
  end(): Uint8Array[] {
    return this.#partBytes === 0 ? [] : [replaceMalformed(this.#complete(new Uint8Array(0)))];
  }

  #keep(part: Uint8Array): void {
    this.#partBytes += part.length;
    if (this.#partBytes > LINE_BYTES_MAX) {
      throw new JavaException(
        "org.apache.kafka.common.KafkaException",
        `A line is longer than ${LINE_BYTES_MAX} bytes`,
      );
    }
    this.#parts.push(part);
  }

  #complete(part: Uint8Array): Uint8Array {
    if (this.#partBytes === 0) return part;
    const line = new Uint8Array(this.#partBytes + part.length);
    let at = 0;
    for (const before of this.#parts) {
      line.set(before, at);
      at += before.length;
    }
    line.set(part, at);
    this.#parts.length = 0;
    this.#partBytes = 0;
    return line;
  }
}

function lineEnd(chunk: Uint8Array, start: number): number {
  const newline = chunk.indexOf(NEWLINE, start);
  const carriageReturn = chunk.indexOf(RETURN, start);
  if (newline < 0 || carriageReturn < 0) return Math.max(newline, carriageReturn);
  return Math.min(newline, carriageReturn);
}

function replaceMalformed(line: Uint8Array): Uint8Array {
  if (isUtf8(line)) return line;
  return new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(line));
}
