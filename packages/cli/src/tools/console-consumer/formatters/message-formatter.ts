// What turns records into output.
import type { ConsumerRecord } from "@ottla/client";
import type { OutputBuffer } from "../output-buffer.ts";

/** Writes records one by one. Throws when a record cannot be shown; what it wrote before stays. */
export interface MessageFormatter {
  write(record: ConsumerRecord, output: OutputBuffer): void;
}

/** Properties of a formatter. */
export type FormatterProperties = Readonly<Record<string, string>>;

/** Where a formatter tells of what it passes over: text, and the error behind it. */
export type FormatterComplaint = (text: string, error: unknown) => void;
