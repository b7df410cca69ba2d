// Writes Kafka's primitive types into a growing buffer. Large byte fields are not copied: they become parts
// of their own, so that record batches go from the log to the socket untouched. Invariant: the parts, in
// order, are the message. Whoever passes a large byte field leaves it unchanged until the parts are sent. Not
// here: which fields a message has.
import { COPIED_BYTES_MAX, STRING_BYTES_MAX } from "../limits.ts";
import { EncodeError } from "./encode-error.ts";
import type { UnknownTag } from "./unknown-tag.ts";
import { utf8Length, writeUtf8 } from "./utf8.ts";
import { type Uuid, writeUuid } from "./uuid.ts";
import { sizeOfUvarint, writeUvarint, writeVarint, writeVarlong } from "./varint.ts";

/** What was written, in order. */
export interface WrittenParts {
  readonly parts: Uint8Array[];
  /** Sum of the parts' lengths. */
  readonly bytes: number;
}

/**
 * Writes one message after another. Bytes given out are never written again, so parts may wait for the socket
 * while the writer goes on. A place that answers all the time keeps one writer with large chunks; a chunk
 * lives as long as its parts.
 */
export class Writer {
  readonly #chunkBytes: number;
  #buffer: Uint8Array;
  #view: DataView;
  #offset = 0;
  // Where the part being filled starts in `#buffer`.
  #partStart = 0;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  // Tagged fields being written: their size is known at the end only, so their content stays in one piece.
  #openTags = 0;

  /** `chunkBytes`: how much is allocated at a time, at least. */
  constructor(chunkBytes: number = 256) {
    this.#chunkBytes = chunkBytes;
    this.#buffer = new Uint8Array(chunkBytes);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Bytes of this message so far. */
  get length(): number {
    return this.#partBytes + this.#offset - this.#partStart;
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.#view.setInt8(at, value);
  }

  bool(value: boolean): void {
    const at = this.#reserve(1);
    this.#view.setInt8(at, value ? 1 : 0);
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setInt16(at, value);
  }

  uint16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setInt32(at, value);
  }

  uint32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value);
  }

  int64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigInt64(at, value);
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value);
  }

  /** 0 to 2^32 - 1. */
  uvarint(value: number): void {
    this.#room(5);
    this.#offset = writeUvarint(this.#buffer, this.#offset, value);
  }

  varint(value: number): void {
    this.#room(5);
    this.#offset = writeVarint(this.#buffer, this.#offset, value);
  }

  varlong(value: bigint): void {
    this.#room(10);
    this.#offset = writeVarlong(this.#buffer, this.#offset, value);
  }

  uuid(value: Uuid): void {
    const start = this.#reserve(16);
    writeUuid(value, this.#buffer, start);
  }

  string(value: string): void {
    const length = checkedLength(value);
    this.int16(length);
    this.#text(value, length);
  }

  nullableString(value: string | null): void {
    if (value === null) this.int16(-1);
    else this.string(value);
  }

  compactString(value: string): void {
    const length = checkedLength(value);
    this.uvarint(length + 1);
    this.#text(value, length);
  }

  compactNullableString(value: string | null): void {
    if (value === null) this.uvarint(0);
    else this.compactString(value);
  }

  byteArray(value: Uint8Array): void {
    this.int32(value.length);
    this.raw(value);
  }

  nullableByteArray(value: Uint8Array | null): void {
    if (value === null) this.int32(-1);
    else this.byteArray(value);
  }

  compactByteArray(value: Uint8Array): void {
    this.uvarint(value.length + 1);
    this.raw(value);
  }

  compactNullableByteArray(value: Uint8Array | null): void {
    if (value === null) this.uvarint(0);
    else this.compactByteArray(value);
  }

  arrayLength(count: number): void {
    this.int32(count);
  }

  compactArrayLength(count: number): void {
    this.uvarint(count + 1);
  }

  /** Bytes without a length: copied when short, else taken by reference. */
  raw(value: Uint8Array): void {
    if (value.length > COPIED_BYTES_MAX && this.#openTags === 0) {
      this.#closePart();
      this.#addPart(value);
      return;
    }
    const start = this.#reserve(value.length);
    this.#buffer.set(value, start);
  }

  /** Starts a tagged field; give the result to `endTag`. */
  beginTag(tag: number): number {
    this.uvarint(tag);
    this.#openTags += 1;
    // One byte for the size; a longer one moves the content.
    return this.#reserve(1) + 1 - this.#partStart;
  }

  endTag(mark: number): void {
    this.#openTags -= 1;
    const start = mark + this.#partStart;
    const size = this.#offset - start;
    const extra = sizeOfUvarint(size) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.#buffer.copyWithin(start + extra, start, start + size);
    }
    writeUvarint(this.#buffer, start - 1, size);
  }

  /** The unknown tagged fields, after the known ones; the caller has written the number of all. */
  unknownTags(tags: readonly UnknownTag[] | undefined): void {
    if (tags === undefined) return;
    for (const { tag, data } of tags) {
      this.uvarint(tag);
      this.uvarint(data.length);
      this.raw(data);
    }
  }

  /** Ends the message; the next one may begin. */
  finish(): WrittenParts {
    this.#closePart();
    const written = { parts: this.#parts, bytes: this.#partBytes };
    this.#parts = [];
    this.#partBytes = 0;
    return written;
  }

  /** Drops what was written of this message, as after an EncodeError. */
  discard(): void {
    this.#partStart = this.#offset;
    this.#parts = [];
    this.#partBytes = 0;
    this.#openTags = 0;
  }

  /** Ends the message in one piece; copies when there is more than one part. */
  toBytes(): Uint8Array {
    if (this.#parts.length === 0) {
      const message = this.#buffer.subarray(this.#partStart, this.#offset);
      this.#partStart = this.#offset;
      return message;
    }
    const { parts, bytes } = this.finish();
    const only = parts[0];
    if (parts.length === 1 && only !== undefined) return only;
    const whole = new Uint8Array(bytes);
    let offset = 0;
    for (const part of parts) {
      whole.set(part, offset);
      offset += part.length;
    }
    return whole;
  }

  #text(value: string, length: number): void {
    this.#room(length);
    this.#offset = writeUtf8(this.#buffer, this.#offset, value);
  }

  #closePart(): void {
    if (this.#offset > this.#partStart) this.#addPart(this.#buffer.subarray(this.#partStart, this.#offset));
    this.#partStart = this.#offset;
  }

  #addPart(part: Uint8Array): void {
    this.#parts.push(part);
    this.#partBytes += part.length;
  }

  // May replace the buffer and its view, so callers take those afterwards.
  #reserve(length: number): number {
    const start = this.#offset;
    if (start + length > this.#buffer.length) {
      this.#room(length);
      const moved = this.#offset;
      this.#offset = moved + length;
      return moved;
    }
    this.#offset = start + length;
    return start;
  }

  #room(length: number): void {
    if (this.#offset + length <= this.#buffer.length) return;
    // Parts already closed keep the old buffer; only the open one moves.
    const open = this.#buffer.subarray(this.#partStart, this.#offset);
    const larger = new Uint8Array(Math.max(this.#chunkBytes, (open.length + length) * 2));
    larger.set(open);
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
    this.#partStart = 0;
    this.#offset = open.length;
  }
}

function checkedLength(value: string): number {
  const length = utf8Length(value);
  if (length > STRING_BYTES_MAX)
    throw new EncodeError(`a string of ${length} bytes is too long for the wire`);
  return length;
}
