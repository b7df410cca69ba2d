// One record that lies across pieces of a body: read byte by byte where it has numbers, skipped where it has
// data, so that a record of any size costs nothing but its place. Accepts exactly what `nextRecord` accepts.
// Not here: records that lie whole in a piece (../record-cursor.ts).
import { RECORD_INVALID, RECORD_LENGTH_ILLEGAL, type RecordCursor } from "../record-cursor.ts";
import { varintAt, varlongAt } from "../varint-walk.ts";

/** What comes next in the record: a number, or behind it the bytes that it announced. */
type Part =
  | "length"
  | "attributes"
  | "timestamp"
  | "offset"
  | "key"
  | "value"
  | "header-count"
  | "header-key"
  | "header-value"
  | "end";

const VARINT_BYTES_MAX = 5;
const VARLONG_BYTES_MAX = 10;

/** The record is not at its end yet. */
export const RECORD_PENDING = 0;
/** The record was read whole and is right. */
export const RECORD_READ = 1;

/** Reads one record at a time, from as many pieces as it takes. */
export class StraddlingRecord {
  /** `RECORD_PENDING`, `RECORD_READ`, or one of the negative results of `nextRecord`. */
  result: number = RECORD_READ;
  /** Bytes taken in since `begin`. */
  bytes = 0;
  readonly #varint: Uint8Array = new Uint8Array(VARLONG_BYTES_MAX);
  #varintBytes = 0;
  #part: Part = "end";
  /** Bytes of data that are passed over. */
  #skip = 0;
  /** Bytes that the record has left by its own length. */
  #left = 0;
  #headers = 0;

  /** A new record begins with the next byte. */
  begin(): void {
    this.result = RECORD_PENDING;
    this.bytes = 0;
    this.#part = "length";
    this.#varintBytes = 0;
    this.#skip = 0;
    this.#left = 0;
  }

  /** Takes from `bytes[at, end)`; answers where it stopped. Lengths and deltas go to `cursor`. */
  take(bytes: Uint8Array, at: number, end: number, cursor: RecordCursor): number {
    let next = at;
    while (this.result === RECORD_PENDING) {
      const skipped = Math.min(this.#skip, end - next);
      next += skipped;
      this.#skip -= skipped;
      if (this.#skip > 0) break;
      if (this.#part === "end") {
        this.result = this.#left === 0 ? RECORD_READ : RECORD_INVALID;
      } else if (next === end) break;
      else this.#takeByte(bytes[next++]!, cursor);
    }
    this.bytes += next - at;
    return next;
  }

  #takeByte(byte: number, cursor: RecordCursor): void {
    if (this.#part !== "length") this.#left -= 1;
    if (this.#left < 0) {
      this.result = RECORD_INVALID;
      return;
    }
    if (this.#part === "attributes") {
      this.#part = "timestamp";
      return;
    }
    this.#varint[this.#varintBytes++] = byte;
    if (byte < 0x80) {
      this.#takeNumber(cursor);
      this.#varintBytes = 0;
      if (this.#left < 0) this.result = RECORD_INVALID;
    } else if (this.#varintBytes === (this.#part === "timestamp" ? VARLONG_BYTES_MAX : VARINT_BYTES_MAX)) {
      this.result = this.#part === "length" ? RECORD_LENGTH_ILLEGAL : RECORD_INVALID;
    }
  }

  #takeNumber(cursor: RecordCursor): void {
    if (this.#part === "timestamp") {
      cursor.timestampDelta = varlongAt(this.#varint, 0, this.#varintBytes);
      this.#part = "offset";
      return;
    }
    const value = varintAt(this.#varint, 0, this.#varintBytes);
    switch (this.#part) {
      case "length":
        this.#left = value;
        this.#part = "attributes";
        break;
      case "offset":
        cursor.offsetDelta = value;
        this.#part = "key";
        break;
      case "key":
        cursor.keyLength = value;
        this.#skipData(value);
        this.#part = "value";
        break;
      case "value":
        cursor.valueLength = value;
        this.#skipData(value);
        this.#part = "header-count";
        break;
      case "header-count":
        // Each header takes two bytes at least.
        if (value < 0 || value > this.#left >>> 1) this.result = RECORD_INVALID;
        this.#headers = value;
        this.#part = value === 0 ? "end" : "header-key";
        break;
      case "header-key":
        if (value < 0) this.result = RECORD_INVALID;
        this.#skipData(value);
        this.#part = "header-value";
        break;
      default:
        this.#skipData(value);
        this.#headers -= 1;
        this.#part = this.#headers === 0 ? "end" : "header-key";
    }
  }

  /** A negative length is null. */
  #skipData(length: number): void {
    this.#skip = Math.max(0, length);
    this.#left -= this.#skip;
  }
}
