// Requests of any API and version, made from Kafka's schemas: which fields a version has and of which type
// comes from the schema, what stands in them from a `Chooser`. A request made here can always be encoded. Not
// here: where the schemas lie, what a field should hold.

const zeroUuid = "AAAAAAAAAAAAAAAAAAAAAA";

/** A message or a structure of it, as Kafka's JSON schemas say it. */
interface SchemaField {
  readonly name: string;
  readonly type: string;
  readonly versions: string;
  readonly taggedVersions?: string;
  readonly nullableVersions?: string;
  readonly default?: string | number | boolean;
  readonly fields?: readonly SchemaField[];
}

interface MessageSchema {
  readonly apiKey?: number;
  readonly type: string;
  readonly fields: readonly SchemaField[];
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly SchemaField[] }[];
}

/**
 * Decides what a field holds. `path` is the field's name with those above it, as `topics.partitions.index`.
 */
export interface Chooser {
  isNull(path: string): boolean;
  /** Elements of an array. */
  count(path: string): number;
  /** `bits`: 8, 16, 17 (unsigned 16) or 32. */
  integer(path: string, bits: number): number;
  int64(path: string): bigint;
  bool(path: string): boolean;
  string(path: string): string;
  uuid(path: string): string;
  bytes(path: string): Uint8Array;
  /** Record batches. */
  records(path: string): Uint8Array;
}

/** The requests of every API. */
export class RequestSchemas {
  readonly #byKey = new Map<number, MessageSchema>();

  /** `texts`: schema files, each a JSON list of messages. */
  constructor(texts: readonly string[]) {
    for (const text of texts) {
      for (const message of JSON.parse(text) as readonly MessageSchema[]) {
        if (message.type === "request" && message.apiKey !== undefined) {
          this.#byKey.set(message.apiKey, message);
        }
      }
    }
  }

  /** The fields of a request, for its codec's `makeRequest`. */
  request(key: number, version: number, choose: Chooser): Record<string, unknown> {
    const schema = this.#byKey.get(key);
    if (schema === undefined) throw new Error(`no schema of API ${key}`);
    return new RequestMaker(schema, version, choose).structure(schema.fields, "");
  }
}

class RequestMaker {
  readonly #schema: MessageSchema;
  readonly #version: number;
  readonly #choose: Chooser;

  constructor(schema: MessageSchema, version: number, choose: Chooser) {
    this.#schema = schema;
    this.#version = version;
    this.#choose = choose;
  }

  structure(fields: readonly SchemaField[], above: string): Record<string, unknown> {
    const made: [string, unknown][] = [];
    for (const field of fields) {
      const name = field.name.charAt(0).toLowerCase() + field.name.slice(1);
      const isThere =
        includes(field.versions, this.#version) || includes(field.taggedVersions, this.#version);
      made.push([
        name,
        isThere ? this.#value(field, above === "" ? name : `${above}.${name}`) : this.#default(field),
      ]);
    }
    return Object.fromEntries(made);
  }

  /** What a field holds that the version does not have. */
  #default(field: SchemaField): unknown {
    const { type, default: given } = field;
    if (given === "null") return null;
    if (type.startsWith("[]")) return [];
    if (type === "string") return given ?? "";
    if (type === "bool") return String(given) === "true";
    if (type === "int64") return BigInt(given ?? 0);
    if (/^u?int|^float/.test(type)) return Number(given ?? 0);
    if (type === "uuid") return zeroUuid;
    if (type === "bytes" || type === "records") return new Uint8Array(0);
    const fields = field.fields ?? this.#common(type);
    return Object.fromEntries(
      fields.map((inner) => [inner.name.charAt(0).toLowerCase() + inner.name.slice(1), this.#default(inner)]),
    );
  }

  #value(field: SchemaField, path: string): unknown {
    if (includes(field.nullableVersions, this.#version) && this.#choose.isNull(path)) return null;
    if (!field.type.startsWith("[]")) return this.#single(field.type, field.fields, path);
    const type = field.type.slice(2);
    return Array.from({ length: this.#choose.count(path) }, () => this.#single(type, field.fields, path));
  }

  #single(type: string, fields: readonly SchemaField[] | undefined, path: string): unknown {
    const choose = this.#choose;
    switch (type) {
      case "bool":
        return choose.bool(path);
      case "int8":
        return choose.integer(path, 8);
      case "int16":
        return choose.integer(path, 16);
      case "uint16":
        return choose.integer(path, 17);
      case "int32":
        return choose.integer(path, 32);
      case "int64":
        return choose.int64(path);
      case "float64":
        return choose.integer(path, 32) / 3;
      case "string":
        return choose.string(path);
      case "uuid":
        return choose.uuid(path);
      case "bytes":
        return choose.bytes(path);
      case "records":
        return choose.records(path);
      default:
        return this.structure(fields ?? this.#common(type), path);
    }
  }

  #common(type: string): readonly SchemaField[] {
    const found = this.#schema.commonStructs?.find(({ name }) => name === type);
    if (found === undefined) throw new Error(`no structure ${type}`);
    return found.fields;
  }
}

/** Kafka's notation: `0+`, `3-5`, `7`, `none`. */
function includes(versions: string | undefined, version: number): boolean {
  if (versions === undefined || versions === "none") return false;
  if (versions.endsWith("+")) return version >= Number(versions.slice(0, -1));
  const [from, to = from] = versions.split("-").map(Number);
  return version >= (from ?? 0) && version <= (to ?? 0);
}
