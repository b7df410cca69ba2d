// Reads Kafka's primitive types from one byte array, in place: byte fields are views on the input. Invariant:
// never reads at or past `end`; every length and count is checked against what remains before anything is
// allocated; whatever the bytes, the only error is DecodeError. Not here: which fields a message has
// (generated/).
import { DECODED_OBJECTS_MAX, STRING_BYTES_MAX, UNKNOWN_TAGS_MAX } from "../limits.ts";
import { DecodeError } from "./decode-error.ts";
import type { UnknownTag } from "./unknown-tag.ts";
import { decodeUtf8 } from "./utf8.ts";
import { type Uuid, uuidFromBytes, ZERO_UUID } from "./uuid.ts";
import { readUvarint, readVarint, readVarlong } from "./varint.ts";

/** A cursor over `bytes`. One Reader serves one message: its object budget is spent, not refilled. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly end: number;
  offset: number;
  /** Array elements that may still be decoded. */
  objectsLeft: number;

  constructor(
    bytes: Uint8Array,
    start: number = 0,
    end: number = bytes.length,
    objectsMax: number = DECODED_OBJECTS_MAX,
  ) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = start;
    this.end = end;
    this.objectsLeft = objectsMax;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  /** Moves on by `length` and returns where it was. */
  skip(length: number): number {
    const start = this.offset;
    if (length < 0 || length > this.end - start) throw tooShort(length, this.end - start);
    this.offset = start + length;
    return start;
  }

  int8(): number {
    return this.view.getInt8(this.skip(1));
  }

  bool(): boolean {
    return this.view.getInt8(this.skip(1)) !== 0;
  }

  int16(): number {
    return this.view.getInt16(this.skip(2));
  }

  uint16(): number {
    return this.view.getUint16(this.skip(2));
  }

  int32(): number {
    return this.view.getInt32(this.skip(4));
  }

  uint32(): number {
    return this.view.getUint32(this.skip(4));
  }

  int64(): bigint {
    return this.view.getBigInt64(this.skip(8));
  }

  float64(): number {
    return this.view.getFloat64(this.skip(8));
  }

  /** 0 to 2^32 - 1. */
  uvarint(): number {
    return readUvarint(this);
  }

  varint(): number {
    return readVarint(this);
  }

  varlong(): bigint {
    return readVarlong(this);
  }

  uuid(): Uuid {
    const start = this.skip(16);
    const view = this.view;
    if (view.getInt32(start + 12) === 0 && view.getInt32(start) === 0) {
      if (view.getInt32(start + 4) === 0 && view.getInt32(start + 8) === 0) return ZERO_UUID;
    }
    return uuidFromBytes(this.bytes, start);
  }

  string(): string {
    return this.#text(this.int16());
  }

  /** Any negative length is null, as in Kafka. */
  nullableString(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.#text(length);
  }

  compactString(): string {
    return this.#text(this.uvarint() - 1);
  }

  compactNullableString(): string | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.#text(length);
  }

  byteArray(): Uint8Array {
    return this.raw(this.int32());
  }

  nullableByteArray(): Uint8Array | null {
    const length = this.int32();
    return length < 0 ? null : this.raw(length);
  }

  compactByteArray(): Uint8Array {
    return this.raw(this.uvarint() - 1);
  }

  compactNullableByteArray(): Uint8Array | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.raw(length);
  }

  /** A view of the next `length` bytes. */
  raw(length: number): Uint8Array {
    if (length < 0) throw new DecodeError(`a field that may not be null has length ${length}`);
    const start = this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  /**
   * Elements of an array that cannot be null. `elementBytesMin` is what the shortest element takes, at least
   * 1.
   */
  arrayLength(elementBytesMin: number): number {
    return this.#count(this.int32(), elementBytesMin);
  }

  /** As `arrayLength`; -1 is null. */
  nullableArrayLength(elementBytesMin: number): number {
    const count = this.int32();
    return count < 0 ? -1 : this.#count(count, elementBytesMin);
  }

  compactArrayLength(elementBytesMin: number): number {
    return this.#count(this.uvarint() - 1, elementBytesMin);
  }

  compactNullableArrayLength(elementBytesMin: number): number {
    const count = this.uvarint() - 1;
    return count < 0 ? -1 : this.#count(count, elementBytesMin);
  }

  /** Size of a tagged field; returns where it must end. */
  tagEnd(): number {
    const size = this.uvarint();
    if (size > this.end - this.offset) throw tooShort(size, this.end - this.offset);
    return this.offset + size;
  }

  /** A tagged field must fill its size exactly. */
  checkTagEnd(end: number): void {
    if (this.offset !== end) throw new DecodeError(`a tagged field ends ${this.offset - end} bytes off`);
  }

  /**
   * Reads an unknown tagged field up to `end`, adds it to `tags` while there is room, and returns the list.
   */
  unknownTag(tags: UnknownTag[] | undefined, tag: number, end: number): UnknownTag[] {
    const list = tags ?? [];
    const data = this.raw(end - this.offset);
    if (list.length < UNKNOWN_TAGS_MAX) list.push({ tag, data });
    return list;
  }

  /** The tagged fields of a structure that knows none; undefined when there are none, the usual case. */
  unknownTags(): UnknownTag[] | undefined {
    let tags: UnknownTag[] | undefined;
    for (let left = this.uvarint(); left > 0; left -= 1) {
      const tag = this.uvarint();
      tags = this.unknownTag(tags, tag, this.tagEnd());
    }
    return tags;
  }

  #text(length: number): string {
    if (length < 0) throw new DecodeError(`a string that may not be null has length ${length}`);
    if (length > STRING_BYTES_MAX) throw new DecodeError(`a string has ${length} bytes`);
    const start = this.skip(length);
    return decodeUtf8(this.bytes, start, start + length);
  }

  #count(count: number, elementBytesMin: number): number {
    if (count < 0) throw new DecodeError(`an array that may not be null has ${count} elements`);
    if (count * elementBytesMin > this.end - this.offset) {
      throw new DecodeError(`an array of ${count} elements does not fit in ${this.end - this.offset} bytes`);
    }
    if (count > this.objectsLeft) throw new DecodeError("the message has too many elements");
    this.objectsLeft -= count;
    return count;
  }
}

function tooShort(length: number, remaining: number): DecodeError {
  return new DecodeError(`${length} bytes are needed, ${remaining} remain`);
}
