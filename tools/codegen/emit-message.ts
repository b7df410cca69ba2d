// TypeScript text of one message: its types, defaults, decoder and encoder. Output is straight-line code with
// a condition per version boundary, meant to be stepped through. Not here: layout (the formatter does it),
// tables (emit-tables.ts).
import { type Field, fail, type Message, type Primitive, type Struct, type Versions } from "./schema.ts";

const TYPE_NAMES: Record<Primitive, string> = {
  int8: "number",
  int16: "number",
  uint16: "number",
  int32: "number",
  uint32: "number",
  float64: "number",
  int64: "bigint",
  bool: "boolean",
  uuid: "Uuid",
  string: "string",
  bytes: "Uint8Array",
  records: "Uint8Array",
};

// Where one message may carry 10^5 elements, so that its decoder and encoder must be able to pause.
const apisInPieces: ReadonlySet<string> = new Set([
  "AlterConfigs",
  "CreatePartitions",
  "CreateTopics",
  "DeleteGroups",
  "DeleteRecords",
  "DeleteTopics",
  "DescribeConfigs",
  "DescribeGroups",
  "DescribeTopicPartitions",
  "Fetch",
  "FindCoordinator",
  "IncrementalAlterConfigs",
  "JoinGroup",
  "LeaveGroup",
  "ListGroups",
  "ListOffsets",
  "Metadata",
  "OffsetCommit",
  "OffsetDelete",
  "OffsetFetch",
  "OffsetForLeaderEpoch",
  "Produce",
  "SyncGroup",
]);

const FIXED_BYTES: Partial<Record<Primitive, number>> = {
  int8: 1,
  bool: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
};

/** All declarations of one message, without imports. */
export function emitMessage(message: Message): string {
  const parts = [emitTypes(message), emitMake(message.root)];
  parts.push(...message.structs.map(emitMake));
  const structs = [message.root, ...message.structs];
  parts.push(...structs.map((struct) => emitDecode(struct, false)));
  parts.push(...structs.map((struct) => emitEncode(struct, false)));
  if (isDecodedInPieces(message)) parts.push(...structs.filter(hasPieces).map((s) => emitDecode(s, true)));
  if (isEncodedInPieces(message)) parts.push(...structs.filter(hasPieces).map((s) => emitEncode(s, true)));
  parts.push(...emitDefaultTests(message, parts.join("\n")));
  return parts.join("\n\n");
}

/** `ProduceRequest` or `ProduceRequest.TopicProduceData`. */
function typeOf(struct: Struct): string {
  return struct.isMessage ? struct.name : `${struct.message}.${struct.name}`;
}

/** `ProduceRequest` or `ProduceRequestTopicProduceData`. */
function suffixOf(struct: Struct): string {
  return struct.isMessage ? struct.name : `${struct.message}${struct.name}`;
}

function elementType(field: Field): string {
  return field.element.kind === "struct" ? typeOf(field.element.struct) : TYPE_NAMES[field.element.name];
}

function fieldType(field: Field): string {
  const type = field.isArray ? `${elementType(field)}[]` : elementType(field);
  return field.nullable === null ? type : `${type} | null`;
}

function emitTypes(message: Message): string {
  const { from, to } = message.versions;
  const range = from === to ? `Version ${from}` : `Versions ${from} to ${to}`;
  const flexible =
    message.flexibleFrom <= to ? `flexible from ${Math.max(message.flexibleFrom, from)}` : "never flexible";
  const lines = [
    `/** ${range}, ${flexible}. */`,
    `export interface ${message.name} {`,
    ...emitFields(message.root),
    "}",
  ];
  if (message.structs.length > 0) {
    lines.push("", `export declare namespace ${message.name} {`);
    message.structs.forEach((struct, index) => {
      if (index > 0) lines.push("");
      lines.push(`interface ${struct.name} {`, ...emitFields(struct), "}");
    });
    lines.push("}");
  }
  return lines.join("\n");
}

function emitFields(struct: Struct): string[] {
  const lines = struct.fields.map((field) => {
    const notes: string[] = [];
    const versions = describe(field.versions, struct.versions);
    if (versions !== null) notes.push(`${/^\d+$/.test(versions) ? "Version" : "Versions"} ${versions}.`);
    if (field.nullable !== null) {
      const nullable = describe(field.nullable, field.versions);
      if (nullable !== null) notes.push(`Null in ${nullable}.`);
    }
    if (field.tag !== null) notes.push(`Tag ${field.tag}.`);
    const comment = notes.length > 0 ? `/** ${notes.join(" ")} */\n` : "";
    return `${comment}${field.name}: ${fieldType(field)};`;
  });
  lines.push("unknownTags?: UnknownTag[];");
  return lines;
}

function describe(range: Versions, context: Versions): string | null {
  const { from, to } = range;
  if (from <= context.from && to >= context.to) return null;
  if (from === to) return `${from}`;
  return to >= context.to ? `${from}+` : `${from} to ${to}`;
}

/** The condition under which `version` is in `range`, known to be in `context`; null when it always is. */
function condition(range: Versions, context: Versions): string | null {
  const low = range.from > context.from;
  const high = range.to < context.to;
  if (low && high) {
    if (range.from === range.to) return `version === ${range.from}`;
    return `version >= ${range.from} && version <= ${range.to}`;
  }
  if (low) return `version >= ${range.from}`;
  return high ? `version <= ${range.to}` : null;
}

function outside(range: Versions, context: Versions): string | null {
  const low = range.from > context.from ? `version < ${range.from}` : null;
  const high = range.to < context.to ? `version > ${range.to}` : null;
  return [low, high].filter((part) => part !== null).join(" || ") || null;
}

function invalid({ from, to }: Versions): string {
  return from === to ? `version !== ${from}` : `version < ${from} || version > ${to}`;
}

type Flexibility = "always" | "never" | "sometimes";

function flexibility(flexibleFrom: number, range: Versions): Flexibility {
  if (range.from >= flexibleFrom) return "always";
  return range.to < flexibleFrom ? "never" : "sometimes";
}

function defaultOf(field: Field): string {
  if (field.default === "null") return "null";
  if (field.isArray) return "[]";
  if (field.element.kind === "struct") return `make${suffixOf(field.element.struct)}()`;
  switch (field.element.name) {
    case "string":
      return JSON.stringify(field.default ?? "");
    case "bytes":
    case "records":
      return "EMPTY_BYTES";
    case "uuid":
      return "ZERO_UUID";
    case "bool":
      return field.default ?? "false";
    case "int64":
      return `${BigInt(field.default ?? "0")}n`;
    default:
      return `${Number(field.default ?? "0")}`;
  }
}

/** A condition: the field's value is not its default. */
function differs(field: Field): string {
  const value = `message.${field.name}`;
  if (field.default === "null") return `${value} !== null`;
  const orNull = field.nullable === null ? "" : `${value} === null || `;
  if (field.isArray) return `${orNull}${value}.length !== 0`;
  if (field.element.kind === "struct")
    return `${orNull}!isDefault${suffixOf(field.element.struct)}(${value})`;
  const name = field.element.name;
  if (name === "bytes" || name === "records") return `${orNull}${value}.length !== 0`;
  if (name === "bool") return defaultOf(field) === "true" ? `!${value}` : value;
  return `${value} !== ${defaultOf(field)}`;
}

function emitMake(struct: Struct): string {
  const type = typeOf(struct);
  const fields = struct.fields.map((field) => `${field.name}: ${defaultOf(field)},`).join("\n");
  return `export function make${suffixOf(struct)}(fields?: Partial<${type}>): ${type} {
const message: ${type} = {
${fields}
};
return fields === undefined ? message : Object.assign(message, fields);
}`;
}

// Only those that something asks for; a test may ask for others.
function emitDefaultTests(message: Message, text: string): string[] {
  const tests: string[] = [];
  const waiting = new Map(message.structs.map((struct) => [`isDefault${suffixOf(struct)}(`, struct]));
  let asked = text;
  while (asked !== "") {
    const found = [...waiting].filter(([name]) => asked.includes(name));
    for (const [name] of found) waiting.delete(name);
    const emitted = found.map(([, struct]) => emitDefaultTest(struct));
    tests.push(...emitted);
    asked = emitted.join("\n");
  }
  return tests;
}

function emitDefaultTest(struct: Struct): string {
  const tests = ["message.unknownTags !== undefined", ...struct.fields.map((field) => differs(field))];
  return `function isDefault${suffixOf(struct)}(message: ${typeOf(struct)}): boolean {
return !(${tests.join(" || ")});
}`;
}

// ---- in pieces: the same functions as generators, for messages that may name very many things

/** True for requests that a broker may get with 10^5 elements. */
export function isDecodedInPieces(message: Message): boolean {
  return isInPieces(message, "request", message.name.replace(/Request$/, ""));
}

/** True for the responses to them. */
export function isEncodedInPieces(message: Message): boolean {
  return isInPieces(message, "response", message.name.replace(/Response$/, ""));
}

function isInPieces(message: Message, type: "request" | "response", api: string): boolean {
  return message.type === type && apisInPieces.has(api) && hasPieces(message.root);
}

/** True when a function of its own is worth it: short lists of plain values at the leaves are one piece. */
function hasPieces(struct: Struct): boolean {
  return struct.fields.some(
    ({ element, isArray, tag }) =>
      tag === null && (isArray ? element.kind === "struct" || struct.isMessage : isHeavy(element)),
  );
}

function isHeavy(element: Field["element"]): boolean {
  return element.kind === "struct" && hasPieces(element.struct);
}

/** The call that handles a structure. */
function call(verb: "decode" | "encode", struct: Struct, args: string, inPieces: boolean): string {
  const name = `${verb}${suffixOf(struct)}`;
  return inPieces && hasPieces(struct) ? `yield* ${name}InPieces(${args})` : `${name}(${args})`;
}

// ---- decoding

function emitDecode(struct: Struct, inPieces: boolean): string {
  const type = typeOf(struct);
  const body: string[] = [];
  if (struct.isMessage) {
    body.push(`if (${invalid(struct.versions)}) throw unsupportedVersion("${struct.name}", version);`);
  }
  body.push(`const message = make${suffixOf(struct)}();`);
  for (const field of struct.fields) {
    if (field.tag !== null) continue;
    const test = condition(field.versions, struct.versions);
    const lines = decodeField(field, false, inPieces);
    body.push(test === null ? lines : `if (${test}) ${braced(lines)}`);
  }
  body.push(...underFlexible(struct, decodeTags(struct)));
  return withFlexible(head(struct, "decode", inPieces), "reader: Reader", { type, inPieces }, struct, body);
}

/** `function decodeX` or `function* decodeXInPieces`. */
function head(struct: Struct, verb: "decode" | "encode", inPieces: boolean): string {
  const name = `${verb}${suffixOf(struct)}`;
  return `${visibility(struct)}function${inPieces ? "*" : ""} ${name}${inPieces ? "InPieces" : ""}`;
}

function withFlexible(
  head: string,
  first: string,
  result: { readonly type: string; readonly inPieces: boolean },
  struct: Struct,
  body: string[],
): string {
  const usesFlexible = body.some((line) => /\bflexible\b/.test(line));
  const guard = struct.isMessage ? [body.shift() ?? ""] : [];
  const lines = [
    ...guard,
    ...(usesFlexible ? [`const flexible = version >= ${struct.flexibleFrom};`] : []),
    ...body,
  ];
  const usesVersion = lines.some((line) => /\bversion\b/.test(line));
  const parameter = usesVersion ? "version" : "_version";
  const tail = result.type === "void" ? "" : "\nreturn message;";
  const type = result.inPieces ? `Pieces<${result.type}>` : result.type;
  return `${head}(${first}, ${parameter}: number): ${type} {\n${lines.join("\n")}${tail}\n}`;
}

function visibility(struct: Struct): string {
  return struct.isMessage ? "export " : "";
}

function braced(lines: string): string {
  return `{\n${lines}\n}`;
}

function underFlexible(struct: Struct, lines: string): string[] {
  const kind = flexibility(struct.flexibleFrom, struct.versions);
  if (kind === "never") return [];
  return [kind === "always" ? lines : `if (flexible) ${braced(lines)}`];
}

function choose(kind: Flexibility, compact: string, plain: string): string {
  if (kind === "always") return compact;
  return kind === "never" ? plain : `flexible ? ${compact} : ${plain}`;
}

const BYTES_NAMES: Partial<Record<Primitive, string>> = {
  string: "String",
  bytes: "ByteArray",
  records: "ByteArray",
};

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function readPrimitive(name: Primitive, kind: Flexibility, nullable: boolean): string {
  const base = BYTES_NAMES[name];
  if (base === undefined) return `reader.${name}()`;
  const form = nullable ? `Nullable${base}` : base;
  return choose(kind, `reader.compact${form}()`, `reader.${lowerFirst(form)}()`);
}

function readElement(field: Field, kind: Flexibility, inPieces: boolean): string {
  if (field.element.kind === "struct")
    return call("decode", field.element.struct, "reader, version", inPieces);
  return readPrimitive(field.element.name, kind, false);
}

function decodeField(field: Field, inTag: boolean, inPieces: boolean): string {
  const kind = flexibility(field.flexibleFrom, field.versions);
  const target = `message.${field.name}`;
  if (field.isArray) return decodeArray(field, kind, { inTag, inPieces });
  if (field.nullable === null) return `${target} = ${readElement(field, kind, inPieces)};`;
  const nullTest = condition(field.nullable, field.versions);
  if (field.element.kind === "struct") {
    if (nullTest !== null) fail(`${field.name}: a structure that is null in some versions only`);
    const isNull = inTag ? "reader.uvarint() === 0" : "reader.int8() < 0";
    return `${target} = ${isNull} ? null : ${readElement(field, kind, inPieces)};`;
  }
  const nullable = readPrimitive(field.element.name, kind, true);
  if (nullTest === null) return `${target} = ${nullable};`;
  const nullKind = flexibility(field.flexibleFrom, field.nullable);
  const plainKind = kind === "sometimes" ? restKind(field) : kind;
  return `if (${nullTest}) ${target} = ${readPrimitive(field.element.name, nullKind, true)};
else ${target} = ${readPrimitive(field.element.name, plainKind, false)};`;
}

// Flexibility of the versions in which the field may not be null.
function restKind(field: Field): Flexibility {
  const nullable = field.nullable ?? fail("never null");
  if (nullable.to < field.versions.to) return flexibility(field.flexibleFrom, field.versions);
  return flexibility(field.flexibleFrom, { from: field.versions.from, to: nullable.from - 1 });
}

function decodeArray(
  field: Field,
  kind: Flexibility,
  { inTag, inPieces }: { readonly inTag: boolean; readonly inPieces: boolean },
): string {
  const target = `message.${field.name}`;
  const count = `${field.name}Length`;
  const compactMin = elementMin(field, true);
  const plainMin = elementMin(field, false);
  const length = (form: string, of: Flexibility) =>
    choose(of, `reader.compact${form}(${compactMin})`, `reader.${lowerFirst(form)}(${plainMin})`);
  const loop = (list: string): string => {
    const element = readElement(field, kind, inPieces);
    const body = `${list}.push(${element});`;
    const pause = inPieces ? `{\n${body}\nif (endsPiece(index + 1)) yield;\n}` : body;
    return `for (let index = 0; index < ${count}; index += 1) ${pause}`;
  };
  if (field.nullable === null) {
    const head = `const ${count} = ${length("ArrayLength", kind)};`;
    // A tag may come twice; the last one wins.
    const fresh = inTag ? `${target} = [];\n` : "";
    return `${head}\n${fresh}${loop(target)}`;
  }
  const nullTest = condition(field.nullable, field.versions);
  const nullable = length("NullableArrayLength", kind);
  const plain = length("ArrayLength", kind);
  const counted = nullTest === null ? nullable : `${nullTest} ? ${parens(nullable)} : ${parens(plain)}`;
  return `const ${count} = ${counted};
const ${field.name}: ${elementType(field)}[] = [];
${loop(field.name)}
${target} = ${count} < 0 ? null : ${field.name};`;
}

function parens(text: string): string {
  return text.includes("?") ? `(${text})` : text;
}

function decodeTags(struct: Struct): string {
  const tagged = struct.fields.filter((field) => field.tag !== null);
  if (tagged.length === 0) {
    return `const unknownTags = reader.unknownTags();
if (unknownTags !== undefined) message.unknownTags = unknownTags;`;
  }
  const context = { from: Math.max(struct.versions.from, struct.flexibleFrom), to: struct.versions.to };
  const cases = tagged.map((field) => {
    const missing = outside(field.versions, context);
    const guard =
      missing === null
        ? ""
        : `if (${missing}) throw unexpectedTag("${suffixOf(struct)}", ${field.tag}, version);\n`;
    return `case ${field.tag}: {\n${guard}${decodeField(field, true, false)}\nbreak;\n}`;
  });
  return `for (let left = reader.uvarint(); left > 0; left -= 1) {
const tag = reader.uvarint();
const end = reader.tagEnd();
switch (tag) {
${cases.join("\n")}
default:
message.unknownTags = reader.unknownTag(message.unknownTags, tag, end);
}
reader.checkTagEnd(end);
}`;
}

// ---- the shortest form of things, for checking counts

function elementMin(field: Field, flexible: boolean): number {
  const element = field.element;
  if (element.kind === "primitive") return primitiveMin(element.name, flexible);
  return Math.max(1, structMin(element.struct, flexible));
}

function primitiveMin(name: Primitive, flexible: boolean): number {
  return FIXED_BYTES[name] ?? (flexible ? 1 : name === "string" ? 2 : 4);
}

function structMin(struct: Struct, flexible: boolean): number {
  let least = Number.POSITIVE_INFINITY;
  for (let version = struct.versions.from; version <= struct.versions.to; version += 1) {
    if (version >= struct.flexibleFrom !== flexible) continue;
    let sum = flexible ? 1 : 0;
    for (const field of struct.fields) {
      if (field.tag !== null || version < field.versions.from || version > field.versions.to) continue;
      const compact = version >= field.flexibleFrom;
      if (field.isArray) sum += compact ? 1 : 4;
      else if (field.element.kind === "primitive") sum += primitiveMin(field.element.name, compact);
      else sum += field.nullable === null ? structMin(field.element.struct, flexible) : 1;
    }
    least = Math.min(least, sum);
  }
  return Number.isFinite(least) ? least : 1;
}

// ---- encoding

function emitEncode(struct: Struct, inPieces: boolean): string {
  const body: string[] = [];
  if (struct.isMessage) {
    body.push(`if (${invalid(struct.versions)}) throw unwritableVersion("${struct.name}", version);`);
  }
  for (const field of struct.fields) {
    const present = field.tag === null ? condition(field.versions, struct.versions) : null;
    if (field.tag === null) {
      const lines = encodeField(field, struct, { inTag: false, inPieces });
      body.push(present === null ? lines : `if (${present}) ${braced(lines)}`);
    }
    const missing = outside(field.versions, struct.versions);
    if (missing !== null && !field.ignorable) {
      const refuse = `throw unsupportedField("${suffixOf(struct)}", "${field.name}", version);`;
      const alone = `${differs(field).includes("||") ? `(${differs(field)})` : differs(field)}`;
      const otherwise =
        present === null
          ? `if ((${missing}) && ${alone}) ${refuse}`
          : `else if (${differs(field)}) ${refuse}`;
      body.push(otherwise);
    }
  }
  body.push(...underFlexible(struct, encodeTags(struct)));
  const kind = flexibility(struct.flexibleFrom, struct.versions);
  const refuseTags = `if (message.unknownTags !== undefined) throw unsupportedField("${suffixOf(struct)}", "unknownTags", version);`;
  if (kind === "never") body.push(refuseTags);
  if (kind === "sometimes") body.push(`else ${refuseTags}`);
  const first = `writer: Writer, message: ${typeOf(struct)}`;
  return withFlexible(head(struct, "encode", inPieces), first, { type: "void", inPieces }, struct, body);
}

function write(kind: Flexibility, form: string, argument: string): string {
  const compact = `writer.compact${form}(${argument});`;
  const plain = `writer.${lowerFirst(form)}(${argument});`;
  if (kind === "always") return compact;
  return kind === "never" ? plain : `if (flexible) ${compact}\nelse ${plain}`;
}

function writeElement(
  field: Field,
  value: string,
  kind: Flexibility,
  { nullable, inPieces }: { readonly nullable: boolean; readonly inPieces: boolean },
): string {
  if (field.element.kind === "struct")
    return `${call("encode", field.element.struct, `writer, ${value}, version`, inPieces)};`;
  const base = BYTES_NAMES[field.element.name];
  if (base === undefined) return `writer.${field.element.name}(${value});`;
  return write(kind, nullable ? `Nullable${base}` : base, value);
}

function encodeField(
  field: Field,
  struct: Struct,
  { inTag, inPieces }: { readonly inTag: boolean; readonly inPieces: boolean },
): string {
  const kind = flexibility(field.flexibleFrom, field.versions);
  const value = `message.${field.name}`;
  const lines: string[] = [];
  const refused = field.nullable === null ? null : outside(field.nullable, field.versions);
  if (refused !== null) {
    const test = refused.includes("||") ? `(${refused})` : refused;
    lines.push(
      `if (${test} && ${value} === null) nullNotAllowed("${suffixOf(struct)}", "${field.name}", version);`,
    );
  }
  if (field.isArray) {
    const count = field.nullable === null ? `${value}.length` : `${value}?.length ?? -1`;
    lines.push(write(kind, "ArrayLength", count));
    const elements = field.nullable === null ? value : `${value} ?? []`;
    const one = writeElement(field, "element", kind, { nullable: false, inPieces });
    if (inPieces) {
      lines.push(`let ${field.name}Written = 0;
for (const element of ${elements}) {
${one}
if (endsPiece(++${field.name}Written)) yield;
}`);
    } else lines.push(`for (const element of ${elements}) ${braced(one)}`);
  } else if (field.element.kind === "struct" && field.nullable !== null) {
    const [isNull, isThere] = inTag ? ["uvarint(0)", "uvarint(1)"] : ["int8(-1)", "int8(1)"];
    lines.push(`if (${value} === null) writer.${isNull};
else {
writer.${isThere};
${writeElement(field, value, kind, { nullable: false, inPieces })}
}`);
  } else lines.push(writeElement(field, value, kind, { nullable: field.nullable !== null, inPieces }));
  return lines.join("\n");
}

function encodeTags(struct: Struct): string {
  const tagged = struct.fields
    .filter((field) => field.tag !== null)
    .sort((a, b) => (a.tag ?? 0) - (b.tag ?? 0));
  if (tagged.length === 0) {
    return "writer.uvarint(message.unknownTags?.length ?? 0);\nwriter.unknownTags(message.unknownTags);";
  }
  const context = { from: Math.max(struct.versions.from, struct.flexibleFrom), to: struct.versions.to };
  const lines = ["let tags = message.unknownTags?.length ?? 0;"];
  const bodies: string[] = [];
  for (const field of tagged) {
    const present = condition(field.versions, context);
    const test = differs(field);
    const has = `has${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`;
    const alone = test.includes("||") && present !== null ? `(${test})` : test;
    lines.push(
      `const ${has} = ${present === null ? alone : `${present} && ${alone}`};`,
      `if (${has}) tags += 1;`,
    );
    bodies.push(`if (${has}) {
const mark = writer.beginTag(${field.tag});
${encodeField(field, struct, { inTag: true, inPieces: false })}
writer.endTag(mark);
}`);
  }
  return [...lines, "writer.uvarint(tags);", ...bodies, "writer.unknownTags(message.unknownTags);"].join(
    "\n",
  );
}
