// UTF-8 both ways. Most strings on the wire are short and ASCII (topic names, group ids), and for those a
// loop beats the call into the platform's coder. Malformed input becomes U+FFFD unless the strict form is
// asked for; Kafka's brokers do the same.

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();

// Where the loop and the platform's coder break even.
const LOOP_BYTES_MAX = 24;

/** The text in `bytes` from `start` to `end`; malformed parts become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= LOOP_BYTES_MAX) {
    const text = decodeShortAscii(bytes, start, end);
    if (text !== null) return text;
  }
  return lenient.decode(bytes.subarray(start, end));
}

/** The text in `bytes` from `start` to `end`, or null when it is not well formed. */
export function decodeUtf8Strict(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start <= LOOP_BYTES_MAX) {
    const text = decodeShortAscii(bytes, start, end);
    if (text !== null) return text;
  }
  try {
    return strict.decode(bytes.subarray(start, end));
  } catch {
    return null;
  }
}

function decodeShortAscii(bytes: Uint8Array, start: number, end: number): string | null {
  let text = "";
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const a = bytes[at] as number;
    const b = bytes[at + 1] as number;
    const c = bytes[at + 2] as number;
    const d = bytes[at + 3] as number;
    if ((a | b | c | d) >= 0x80) return null;
    text += String.fromCharCode(a, b, c, d);
  }
  for (; at < end; at += 1) {
    const a = bytes[at] as number;
    if (a >= 0x80) return null;
    text += String.fromCharCode(a);
  }
  return text;
}

/** Bytes that `text` takes in UTF-8. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    if (code < 0x800) length += 1;
    else {
      length += 2;
      // A pair of surrogates is two units and four bytes.
      if (code >= 0xd800 && code < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1))) index += 1;
    }
  }
  return length;
}

/**
 * Writes `text` at `offset` and returns the offset after it. The caller has made room for `utf8Length(text)`
 * bytes.
 */
export function writeUtf8(bytes: Uint8Array, offset: number, text: string): number {
  if (text.length > LOOP_BYTES_MAX * 2) {
    return offset + encoder.encodeInto(text, bytes.subarray(offset)).written;
  }
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) return offset + encoder.encodeInto(text, bytes.subarray(offset)).written;
    bytes[offset + index] = code;
  }
  return offset + text.length;
}

/** `text` in UTF-8. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
