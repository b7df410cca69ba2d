// TypeScript text of the shapes of stored messages: which fields exist in which version and what a tagged
// field is by default. Tools print records as JSON by them.
import type { Field, Message, Struct } from "./schema.ts";

const STORED_TYPES: ReadonlySet<string> = new Set(["coordinator-key", "coordinator-value", "metadata"]);
/** Messages of type `data` that tools print. */
const STORED_DATA: ReadonlySet<string> = new Set([
  "ConsumerProtocolAssignment",
  "ConsumerProtocolSubscription",
  "EndTxnMarker",
  "KRaftVersionRecord",
  "LeaderChangeMessage",
  "SnapshotFooterRecord",
  "SnapshotHeaderRecord",
  "VotersRecord",
]);

const SHAPE_TYPES = `/** One field of a stored message. */
export interface FieldShape {
  readonly name: string;
  /** First and last version that has it; absent when all have. */
  readonly from?: number;
  readonly to?: number;
  /** Of a tagged field: its default as JSON, with which it is left out. */
  readonly taggedDefault?: string;
  /** A float64: a whole one is written with a fraction. */
  readonly isFloat?: true;
  /** Fields of the structure, or of the elements, that it holds. */
  readonly struct?: readonly FieldShape[];
}`;

/** All tables of one file. */
export function emitRecordShapes(messages: readonly Message[]): string {
  const stored = messages.filter(({ type, name }) => STORED_TYPES.has(type) || STORED_DATA.has(name));
  const entries = stored.map((message) => `${message.name}: ${emitStruct(message.root, message)},`);
  return [
    SHAPE_TYPES,
    "",
    "/** Fields of every message that is stored, by schema name. */",
    `export const recordShapes: { readonly [name: string]: readonly FieldShape[] } = {\n${entries.join("\n")}\n};`,
  ].join("\n");
}

function emitStruct(struct: Struct, message: Message): string {
  return `[${struct.fields.map((field) => emitField(field, message)).join(", ")}]`;
}

function emitField(field: Field, message: Message): string {
  const parts = [`name: "${field.name}"`];
  if (field.versions.from > message.versions.from) parts.push(`from: ${field.versions.from}`);
  if (field.versions.to < message.versions.to) parts.push(`to: ${field.versions.to}`);
  if (field.tag !== null) parts.push(`taggedDefault: ${JSON.stringify(defaultJson(field))}`);
  if (field.element.kind === "primitive" && field.element.name === "float64") parts.push("isFloat: true");
  if (field.element.kind === "struct") parts.push(`struct: ${emitStruct(field.element.struct, message)}`);
  return `{ ${parts.join(", ")} }`;
}

function defaultJson(field: Field): string {
  if (field.default === "null") return "null";
  if (field.isArray) return "[]";
  if (field.element.kind === "struct") {
    const inner = field.element.struct.fields.filter((one) => one.tag === null);
    return `{${inner.map((one) => `"${one.name}":${defaultJson(one)}`).join(",")}}`;
  }
  switch (field.element.name) {
    case "string":
      return JSON.stringify(field.default ?? "");
    case "uuid":
      return '"AAAAAAAAAAAAAAAAAAAAAA"';
    case "bytes":
    case "records":
      return '""';
    case "bool":
      return field.default ?? "false";
    case "float64":
      return field.default ?? "0.0";
    default:
      return field.default ?? "0";
  }
}
