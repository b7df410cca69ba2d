// Turns golden JSON into messages and back, by the schemas and not by the generated code, so that the two
// check each other. Conventions are those of goldens/README.md.
import { isDeepStrictEqual } from "node:util";
import type { Field, Struct } from "../../../tools/codegen/schema.ts";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };
// biome-ignore lint: messages of any schema pass through here.
export type Plain = any;

/** Unknown tagged fields of a message: where, number, content in hex. */
export interface UnknownTagJson {
  path: string;
  tag: number;
  data: string;
}

// Keys that 4.3.1 still names differently from the 4.4 schemas.
const OLD_NAMES: Readonly<Record<string, string>> = {
  "TxnOffsetCommitRequest.generationIdOrMemberEpoch": "generationId",
  "StreamsGroupHeartbeatResponse.acceptableRecoveryLagLegacy": "acceptableRecoveryLag",
};

function jsonName(struct: Struct, field: Field): string {
  return OLD_NAMES[`${struct.message}.${field.name}`] ?? field.name;
}

export function fromJson(struct: Struct, json: JsonObject, version: number): Plain {
  const message: Plain = {};
  for (const field of struct.fields) {
    const value = isPresent(field, version) ? json[jsonName(struct, field)] : undefined;
    message[field.name] = value === undefined ? defaultValue(field) : fieldFromJson(field, value, version);
  }
  return message;
}

/** Hangs the unknown tags onto the structures that their paths lead to. */
export function addUnknownTags(message: Plain, tags: readonly UnknownTagJson[]): void {
  for (const { path, tag, data } of tags) {
    const target = path === "" ? message : path.split(/\.|(?=\[)/).reduce(step, message);
    target.unknownTags ??= [];
    target.unknownTags.push({ tag, data: Uint8Array.from(Buffer.from(data, "hex")) });
  }
}

function step(value: Plain, part: string): Plain {
  return part.startsWith("[") ? value[Number(part.slice(1, -1))] : value[part];
}

export function toJson(struct: Struct, message: Plain, version: number): JsonObject {
  const json: JsonObject = {};
  for (const field of struct.fields) {
    if (!isPresent(field, version)) continue;
    const value = fieldToJson(field, message[field.name], version);
    if (field.tag !== null && isDeepStrictEqual(value, fieldToJson(field, defaultValue(field), version)))
      continue;
    json[jsonName(struct, field)] = value;
  }
  return json;
}

/** All unknown tags below `message`, in the order of the schema's fields. */
export function listUnknownTags(struct: Struct, message: Plain, path = ""): UnknownTagJson[] {
  const list: UnknownTagJson[] = (message.unknownTags ?? []).map((tag: Plain) => ({
    path,
    tag: tag.tag,
    data: Buffer.from(tag.data).toString("hex"),
  }));
  for (const field of struct.fields) {
    if (field.element.kind !== "struct") continue;
    const inner = field.element.struct;
    const below = path === "" ? field.name : `${path}.${field.name}`;
    const value = message[field.name];
    if (value === null) continue;
    if (!field.isArray) list.push(...listUnknownTags(inner, value, below));
    else
      value.forEach((one: Plain, index: number) =>
        list.push(...listUnknownTags(inner, one, `${below}[${index}]`)),
      );
  }
  return list;
}

function isPresent(field: Field, version: number): boolean {
  return version >= field.versions.from && version <= field.versions.to;
}

function defaultValue(field: Field): Plain {
  if (field.default === "null") return null;
  if (field.isArray) return [];
  if (field.element.kind === "struct") {
    return Object.fromEntries(field.element.struct.fields.map((inner) => [inner.name, defaultValue(inner)]));
  }
  switch (field.element.name) {
    case "string":
      return field.default ?? "";
    case "bytes":
    case "records":
      return new Uint8Array(0);
    case "uuid":
      return "AAAAAAAAAAAAAAAAAAAAAA";
    case "bool":
      return field.default === "true";
    case "int64":
      return BigInt(field.default ?? 0);
    default:
      return Number(field.default ?? 0);
  }
}

function fieldFromJson(field: Field, value: Json, version: number): Plain {
  if (value === null) return null;
  if (field.isArray) return (value as Json[]).map((element) => elementFromJson(field, element, version));
  return elementFromJson(field, value, version);
}

function elementFromJson(field: Field, value: Json, version: number): Plain {
  if (field.element.kind === "struct") return fromJson(field.element.struct, value as JsonObject, version);
  switch (field.element.name) {
    case "bytes":
    case "records":
      return Uint8Array.from(Buffer.from(value as string, "base64"));
    case "int64":
      return BigInt(value as number | string);
    default:
      return value;
  }
}

function fieldToJson(field: Field, value: Plain, version: number): Json {
  if (value === null) return null;
  if (field.isArray) return value.map((element: Plain) => elementToJson(field, element, version));
  return elementToJson(field, value, version);
}

function elementToJson(field: Field, value: Plain, version: number): Json {
  if (field.element.kind === "struct") return toJson(field.element.struct, value, version);
  switch (field.element.name) {
    case "bytes":
    case "records":
      return Buffer.from(value).toString("base64");
    case "int64":
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    default:
      return value;
  }
}
