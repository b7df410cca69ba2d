// Lines as records, by the properties of Kafka's LineMessageReader: an optional list of headers, an optional
// key, the value, with a separator behind each. Works on UTF-8 bytes; only headers become texts.
import { JavaException } from "../../options/java-exception.ts";

/** What one line says. */
export interface LineRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly LineHeader[];
}

export interface LineHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

const NO_HEADERS: readonly LineHeader[] = [];
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Parses lines, which it counts. */
export class LineMessageReader {
  readonly #parsesKey: boolean;
  readonly #parsesHeaders: boolean;
  readonly #ignoresErrors: boolean;
  readonly #keySeparator: Buffer;
  readonly #headersDelimiter: Buffer;
  readonly #headersSeparator: RegExp;
  readonly #headersKeySeparator: string;
  readonly #nullMarker: string | null;
  readonly #nullMarkerBytes: Buffer | null;
  #lineNumber = 0;

  /** Throws `JavaException` when properties contradict each other. */
  constructor(properties: Readonly<Record<string, string>>) {
    const isTrue = (name: string): boolean => properties[name]?.trim().toLowerCase() === "true";
    const keySeparator = properties["key.separator"] ?? "\t";
    const headersDelimiter = properties["headers.delimiter"] ?? "\t";
    const headersSeparator = properties["headers.separator"] ?? ",";
    const headersKeySeparator = properties["headers.key.separator"] ?? ":";
    const nullMarker = properties["null.marker"] ?? null;
    refuseEqual("headers.delimiter", headersDelimiter, "headers.separator", headersSeparator);
    refuseEqual("headers.delimiter", headersDelimiter, "headers.key.separator", headersKeySeparator);
    refuseEqual("headers.separator", headersSeparator, "headers.key.separator", headersKeySeparator);
    refuseEqual("null.marker", nullMarker, "key.separator", keySeparator);
    refuseEqual("null.marker", nullMarker, "headers.separator", headersSeparator);
    refuseEqual("null.marker", nullMarker, "headers.delimiter", headersDelimiter);
    refuseEqual("null.marker", nullMarker, "headers.key.separator", headersKeySeparator);
    this.#parsesKey = isTrue("parse.key");
    this.#parsesHeaders = isTrue("parse.headers");
    this.#ignoresErrors = isTrue("ignore.error");
    this.#keySeparator = Buffer.from(keySeparator);
    this.#headersDelimiter = Buffer.from(headersDelimiter);
    this.#headersSeparator = separatorPattern(headersSeparator);
    this.#headersKeySeparator = headersKeySeparator;
    this.#nullMarker = nullMarker;
    this.#nullMarkerBytes = nullMarker === null ? null : Buffer.from(nullMarker);
  }

  /** The record of the next line. Throws `JavaException` when a separator is missing. */
  read(line: Uint8Array): LineRecord {
    this.#lineNumber += 1;
    if (!this.#parsesKey && !this.#parsesHeaders) {
      return { key: null, value: this.#orNull(line), headers: NO_HEADERS };
    }
    const bytes = Buffer.from(line.buffer, line.byteOffset, line.length);
    let at = 0;
    let headers: Uint8Array | null = null;
    if (this.#parsesHeaders) {
      headers = this.#part(bytes, at, this.#headersDelimiter, "headers delimiter");
      if (headers !== null) at = headers.length + this.#headersDelimiter.length;
    }
    let key: Uint8Array | null = null;
    if (this.#parsesKey) {
      key = this.#part(bytes, at, this.#keySeparator, "key separator");
      if (key !== null) at += key.length + this.#keySeparator.length;
    }
    return {
      key: key === null ? null : this.#orNull(key),
      value: this.#orNull(line.subarray(at)),
      headers: headers === null ? NO_HEADERS : this.#headers(headers),
    };
  }

  /** What lies before the separator; null when it is missing and errors are ignored. */
  #part(line: Buffer, start: number, separator: Buffer, name: string): Uint8Array | null {
    const end = line.indexOf(separator, start);
    if (end >= 0) return line.subarray(start, end);
    if (this.#ignoresErrors) return null;
    throw failure(`No ${name} found on line number ${this.#lineNumber}: '${decoder.decode(line)}'`);
  }

  #orNull(bytes: Uint8Array): Uint8Array | null {
    return this.#nullMarkerBytes?.equals(bytes) === true ? null : bytes;
  }

  #headers(bytes: Uint8Array): readonly LineHeader[] {
    const text = decoder.decode(bytes);
    if (text === this.#nullMarker) return NO_HEADERS;
    return javaSplit(text, this.#headersSeparator).map((pair) => this.#header(pair));
  }

  #header(pair: string): LineHeader {
    const end = pair.indexOf(this.#headersKeySeparator);
    if (end < 0) {
      if (this.#ignoresErrors) return { key: pair, value: null };
      throw failure(`No header key separator found in pair '${pair}' on line number ${this.#lineNumber}`);
    }
    const key = pair.slice(0, end);
    if (key === this.#nullMarker) {
      throw failure(`Header keys should not be equal to the null marker '${key}' as they can't be null`);
    }
    const value = pair.slice(end + this.#headersKeySeparator.length);
    return { key, value: value === this.#nullMarker ? null : encoder.encode(value) };
  }
}

function failure(message: string): JavaException {
  return new JavaException("org.apache.kafka.common.KafkaException", message);
}

function refuseEqual(name: string, value: string | null, otherName: string, other: string): void {
  if (value === other) throw failure(`${name} and ${otherName} may not be equal`);
}

/** The separator of headers is a pattern. */
function separatorPattern(source: string): RegExp {
  try {
    return new RegExp(source, "u");
  } catch {
    throw new JavaException("java.util.regex.PatternSyntaxException", `${source} is no pattern`);
  }
}

/** Without the empty pieces at the end. */
function javaSplit(text: string, separator: RegExp): string[] {
  const pieces = text.split(separator);
  while (pieces.length > 1 && pieces.at(-1) === "") pieces.pop();
  return pieces;
}
