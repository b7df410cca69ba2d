// Stored messages as JSON, for tools that show them: fields of the version in schema order, a tagged field at
// its default left out, bytes in base64, int64 as digits. Text, not objects, so that an int64 keeps all its
// digits and the order is the schema's.
import { javaDouble } from "./bytes/java-double.ts";
import { type FieldShape, recordShapes } from "./generated/record-shapes.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Fields whose JSON is not the plain one: a name, and the text for a value or null for the plain one. */
export type JsonOverride = (name: string, value: unknown) => string | null;

const PLAIN: JsonOverride = () => null;

/**
 * The JSON of a decoded message that has this schema name (`OffsetCommitValue`, `TopicRecord`, …). Only
 * stored messages and control records have a shape: any other name is a bug.
 */
export function recordJson(
  name: string,
  message: unknown,
  version: number,
  override: JsonOverride = PLAIN,
): string {
  const shape = recordShapes[name];
  if (shape === undefined) throw new Error(`${name} is not a stored message`);
  return structJson(shape, message as Fields, version, override);
}

/** A string as JSON, with Kafka's spelling of control characters. */
export function jsonString(text: string): string {
  const json = JSON.stringify(text);
  return json.includes("\\u")
    ? json.replaceAll(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`)
    : json;
}

function structJson(
  shape: readonly FieldShape[],
  message: Fields,
  version: number,
  override: JsonOverride,
): string {
  let json = "";
  for (const field of shape) {
    if (field.from !== undefined && version < field.from) continue;
    if (field.to !== undefined && version > field.to) continue;
    const value = message[field.name];
    const text = override(field.name, value) ?? valueJson(field, value, version, override);
    if (text === field.taggedDefault) continue;
    json += `${json === "" ? "" : ","}"${field.name}":${text}`;
  }
  return `{${json}}`;
}

function valueJson(field: FieldShape, value: unknown, version: number, override: JsonOverride): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value))
    return `[${value.map((one) => valueJson(field, one, version, override)).join(",")}]`;
  if (field.struct !== undefined) return structJson(field.struct, value as Fields, version, override);
  if (value instanceof Uint8Array) return `"${base64(value)}"`;
  if (field.isFloat === true) return floatJson(value as number);
  return typeof value === "string" ? jsonString(value) : String(value as number | bigint | boolean);
}

/** What JSON has no number for is a text. */
function floatJson(value: number): string {
  return Number.isFinite(value) ? javaDouble(value) : `"${javaDouble(value)}"`;
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes in base64 with padding. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += BASE64.charAt(group >>> 18) + BASE64.charAt((group >>> 12) & 63);
    text += left > 1 ? BASE64.charAt((group >>> 6) & 63) : "=";
    text += left > 2 ? BASE64.charAt(group & 63) : "=";
  }
  return text;
}
