// Kafka's DefaultMessageFormatter: the parts that properties ask for, in a fixed order, with a separator
// between them and a line end behind the last.
import type { ConsumerRecord } from "@ottla/client";
import { JavaException } from "../../../options/java-exception.ts";
import type { OutputBuffer } from "../output-buffer.ts";
import { findDeserializer, type ShowBytes } from "./deserializers.ts";
import type { FormatterComplaint, FormatterProperties, MessageFormatter } from "./message-formatter.ts";

type WritePart = (record: ConsumerRecord, output: OutputBuffer) => void;

/** A formatter by its properties; `complain` tells of deserializers that do not exist. */
export class DefaultFormatter implements MessageFormatter {
  readonly #parts: readonly WritePart[];
  readonly #separator: Buffer;
  readonly #lineSeparator: Buffer;
  readonly #nullLiteral: Buffer;

  constructor(properties: FormatterProperties, complain: FormatterComplaint) {
    const isTrue = (name: string): boolean => properties[name]?.trim().toLowerCase() === "true";
    this.#separator = Buffer.from(properties["key.separator"] ?? "\t");
    this.#lineSeparator = Buffer.from(properties["line.separator"] ?? "\n");
    this.#nullLiteral = Buffer.from(properties["null.literal"] ?? "null");
    const showKey = deserializer(properties["key.deserializer"], complain);
    const showValue = deserializer(properties["value.deserializer"], complain);
    const parts: WritePart[] = [];
    if (isTrue("print.timestamp")) parts.push(writeTimestamp);
    if (isTrue("print.partition"))
      parts.push((record, output) => output.text(`Partition:${record.partition}`));
    if (isTrue("print.offset")) parts.push((record, output) => output.text(`Offset:${record.offset}`));
    // Kafka's console consumer hands neither on to its formatter.
    if (isTrue("print.delivery")) parts.push((_, output) => output.text("Delivery:NOT_PRESENT"));
    if (isTrue("print.epoch")) parts.push((_, output) => output.text("Epoch:NOT_PRESENT"));
    if (isTrue("print.headers")) parts.push(this.#headersWriter(properties, complain));
    if (isTrue("print.key")) parts.push((record, output) => this.#show(record.key, showKey, output));
    if (!Object.hasOwn(properties, "print.value") || isTrue("print.value")) {
      parts.push((record, output) => this.#show(record.value, showValue, output));
    }
    this.#parts = parts;
  }

  write(record: ConsumerRecord, output: OutputBuffer): void {
    const last = this.#parts.length - 1;
    for (const [index, writePart] of this.#parts.entries()) {
      writePart(record, output);
      output.bytes(index === last ? this.#lineSeparator : this.#separator);
    }
  }

  #show(bytes: Uint8Array | null, show: ShowBytes | null, output: OutputBuffer): void {
    const source = bytes ?? this.#nullLiteral;
    const shown = show === null ? source : show(source);
    if (typeof shown === "string") output.text(shown);
    else output.bytes(shown);
  }

  #headersWriter(properties: FormatterProperties, complain: FormatterComplaint): WritePart {
    const separator = properties["headers.separator"] ?? ",";
    const show = deserializer(properties["headers.deserializer"], complain);
    return (record, output) => {
      const { headers } = record;
      if (headers.length === 0) output.text("NO_HEADERS");
      for (const [index, { key, value }] of headers.entries()) {
        output.text(`${index > 0 ? separator : ""}${key}:`);
        this.#show(value, show, output);
      }
    };
  }
}

function writeTimestamp(record: ConsumerRecord, output: OutputBuffer): void {
  const { timestampType, timestamp } = record;
  output.text(timestampType === "NoTimestampType" ? "NO_TIMESTAMP" : `${timestampType}:${timestamp}`);
}

function deserializer(name: string | undefined, complain: FormatterComplaint): ShowBytes | null {
  if (name === undefined) return null;
  const found = findDeserializer(name);
  if (found === null) {
    const missing = new JavaException("java.lang.ClassNotFoundException", name);
    complain(`Unable to instantiate a deserializer from ${name}`, missing);
  }
  return found;
}
