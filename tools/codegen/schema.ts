// Reads the schema facts and turns them into messages with resolved version ranges: every range is cut to the
// versions in which the field can occur at all, so the emitters never meet an impossible condition. Not here:
// any TypeScript text.
import { readFileSync } from "node:fs";

/** Inclusive. */
export interface Versions {
  readonly from: number;
  readonly to: number;
}

export type Primitive =
  | "int8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "float64"
  | "bool"
  | "uuid"
  | "string"
  | "bytes"
  | "records";

export type ElementType =
  | { readonly kind: "primitive"; readonly name: Primitive }
  | { readonly kind: "struct"; readonly struct: Struct };

export interface Field {
  /** As in JSON: camelCase. */
  readonly name: string;
  readonly element: ElementType;
  readonly isArray: boolean;
  readonly versions: Versions;
  /** Versions in which null may be written; null when none. */
  readonly nullable: Versions | null;
  readonly tag: number | null;
  readonly ignorable: boolean;
  /** "null", a literal, or undefined for the type's own empty value. */
  readonly default: string | undefined;
  /** First version with compact forms; overrides the message's. Infinity when none. */
  readonly flexibleFrom: number;
}

export interface Struct {
  /** As in the schema: `TopicProduceData`, or the message's own name. */
  readonly name: string;
  readonly message: string;
  readonly isMessage: boolean;
  readonly versions: Versions;
  readonly flexibleFrom: number;
  readonly fields: Field[];
}

export interface Message {
  readonly name: string;
  readonly type: string;
  readonly apiKey: number | undefined;
  readonly versions: Versions;
  readonly flexibleFrom: number;
  readonly latestVersionUnstable: boolean;
  readonly listeners: readonly string[];
  /** Schema file, without folder. */
  readonly file: string;
  readonly root: Struct;
  /** All structures below the root, in order of first use. */
  readonly structs: readonly Struct[];
}

interface RawField {
  name: string;
  type: string;
  versions?: string;
  nullableVersions?: string;
  taggedVersions?: string;
  tag?: number;
  ignorable?: boolean | string;
  default?: string | number | boolean | null;
  flexibleVersions?: string;
  fields?: RawField[];
}

interface RawMessage {
  name: string;
  type: string;
  apiKey?: number;
  validVersions: string;
  flexibleVersions?: string;
  latestVersionUnstable?: boolean;
  listeners?: string[];
  fields: RawField[];
  commonStructs?: { name: string; versions: string; fields: RawField[] }[];
}

/** The messages of one schema file that have a version left. */
export function readMessages(folder: URL, file: string): Message[] {
  const raw = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as RawMessage[];
  return raw.filter((message) => message.validVersions !== "none").map((message) => resolve(message, file));
}

function resolve(raw: RawMessage, file: string): Message {
  const versions = parseVersions(raw.validVersions) ?? fail(`${raw.name} has no versions`);
  const flexibleFrom = parseVersions(raw.flexibleVersions)?.from ?? Number.POSITIVE_INFINITY;
  const structs: Struct[] = [];
  const common = new Map((raw.commonStructs ?? []).map((struct) => [struct.name, struct]));
  const build = (name: string, fields: RawField[], range: Versions, isMessage: boolean): Struct => {
    const struct: Struct = { name, message: raw.name, isMessage, versions: range, flexibleFrom, fields: [] };
    if (!isMessage) structs.push(struct);
    for (const field of fields) {
      const resolved = resolveField(field, struct);
      if (resolved !== null) struct.fields.push(resolved);
    }
    return struct;
  };
  const structOf = (field: RawField, type: string, range: Versions): Struct => {
    if (field.fields !== undefined) return build(type, field.fields, range, false);
    const known = structs.find((struct) => struct.name === type);
    if (known !== undefined) return known;
    const shared = common.get(type) ?? fail(`${raw.name} knows no ${type}`);
    return build(type, shared.fields, intersect(parseVersions(shared.versions), versions) ?? versions, false);
  };
  const resolveField = (field: RawField, parent: Struct): Field | null => {
    const declared = parseVersions(field.versions ?? field.taggedVersions);
    const range = intersect(declared, parent.versions);
    if (range === null) return null;
    const isArray = field.type.startsWith("[]");
    const type = isArray ? field.type.slice(2) : field.type;
    const element: ElementType = /^[a-z]/.test(type)
      ? { kind: "primitive", name: type as Primitive }
      : { kind: "struct", struct: structOf(field, type, range) };
    const tagged = parseVersions(field.taggedVersions);
    if (tagged !== null && intersect(tagged, range)?.from !== range.from)
      fail(`${raw.name}.${field.name}: partly tagged`);
    const fieldFlexible =
      field.flexibleVersions === undefined
        ? flexibleFrom
        : (parseVersions(field.flexibleVersions)?.from ?? Number.POSITIVE_INFINITY);
    return {
      name: field.name.charAt(0).toLowerCase() + field.name.slice(1),
      element,
      isArray,
      versions: range,
      nullable: intersect(parseVersions(field.nullableVersions), range),
      tag: tagged === null ? null : (field.tag ?? fail(`${field.name} has no tag number`)),
      ignorable: field.ignorable === true || field.ignorable === "true",
      default: field.default === undefined || field.default === null ? undefined : String(field.default),
      flexibleFrom: fieldFlexible,
    };
  };
  const root = build(raw.name, raw.fields, versions, true);
  return {
    name: raw.name,
    type: raw.type,
    apiKey: raw.apiKey,
    versions,
    flexibleFrom,
    latestVersionUnstable: raw.latestVersionUnstable === true,
    listeners: raw.listeners ?? [],
    file,
    root,
    structs,
  };
}

function parseVersions(text: string | undefined): Versions | null {
  if (text === undefined || text === "none") return null;
  if (text.endsWith("+")) return { from: Number(text.slice(0, -1)), to: Number.POSITIVE_INFINITY };
  const [from, to] = text.split("-");
  return { from: Number(from), to: Number(to ?? from) };
}

function intersect(left: Versions | null, right: Versions): Versions | null {
  if (left === null) return null;
  const from = Math.max(left.from, right.from);
  const to = Math.min(left.to, right.to);
  return from > to ? null : { from, to };
}

export function fail(message: string): never {
  throw new Error(message);
}
