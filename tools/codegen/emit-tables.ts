// TypeScript text of the tables over all messages: API facts, codecs by name, by API key and by record type,
// error table.
import { isDecodedInPieces, isEncodedInPieces } from "./emit-message.ts";
import { fail, type Message } from "./schema.ts";

export interface ApiFactInput {
  name: string;
  key: number;
  clusterAction?: boolean;
  forwardable?: boolean;
  requiresDelayedAllocation?: boolean;
  advertised?: Record<string, { min: number; max: number }>;
}

export interface ErrorInput {
  name: string;
  code: number;
  exception: string | null;
  retriable: boolean;
  invalidatesMetadata: boolean;
  refreshRetriable: boolean;
  transactionAbortable: boolean;
  authorization: boolean;
  authentication: boolean;
}

const API_FACT_TYPES = `/** A range of versions, both ends inclusive. */
export interface VersionRange { readonly min: number; readonly max: number }

/** What Kafka's schemas and classes say about one API. */
export interface ApiFact {
  readonly key: ApiKey;
  readonly name: string;
  /** Versions that the codec knows. */
  readonly minVersion: number;
  readonly maxVersion: number;
  /** The highest version that may be advertised without enabling unstable ones. */
  readonly latestStable: number;
  /** First flexible version (KIP-482); null when there is none. */
  readonly requestFlexibleFrom: number | null;
  readonly responseFlexibleFrom: number | null;
  readonly listeners: readonly ("broker" | "controller")[];
  /** Only for callers that may act as the cluster. */
  readonly clusterAction: boolean;
  /** A broker passes it on to the controller in an Envelope. */
  readonly forwardable: boolean;
  /** The request keeps views on its buffer after decoding. */
  readonly requiresDelayedAllocation: boolean;
  /** What Apache Kafka 4.3.1 answers in ApiVersions; nothing for APIs that it does not have. */
  readonly advertised: { readonly broker?: VersionRange; readonly controller?: VersionRange };
}`;

const CODEC_TYPES = `/** Functions of one message. */
export interface MessageCodec<M> {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  make(fields?: Partial<M>): M;
  /** @throws DecodeError */
  decode(reader: Reader, version: number): M;
  /** @throws EncodeError */
  encode(writer: Writer, message: M, version: number): void;
}

/** Functions of one API. */
export interface ApiCodec<Request, Response> {
  makeRequest(fields?: Partial<Request>): Request;
  decodeRequest(reader: Reader, version: number): Request;
  encodeRequest(writer: Writer, message: Request, version: number): void;
  makeResponse(fields?: Partial<Response>): Response;
  decodeResponse(reader: Reader, version: number): Response;
  encodeResponse(writer: Writer, message: Response, version: number): void;
}

/** The two messages of a coordinator's record. */
export interface CoordinatorRecordCodec {
  readonly name: string;
  readonly key: MessageCodec<unknown>;
  readonly value: MessageCodec<unknown>;
}`;

const ERROR_TYPES = `/** One protocol error. */
export interface ErrorSpec {
  /** As Kafka prints it. */
  readonly name: string;
  /** int16 on the wire. */
  readonly code: number;
  /** The same request may succeed later. */
  readonly retriable: boolean;
  /** The client's view of leaders is stale. */
  readonly invalidatesMetadata: boolean;
  /** Retriable after refreshing metadata or the coordinator. */
  readonly refreshRetriable: boolean;
  /** A transaction that meets it can only be aborted. */
  readonly transactionAbortable: boolean;
  readonly authorization: boolean;
  readonly authentication: boolean;
  /** Simple name of Kafka's Java exception; null for NONE. */
  readonly exception: string | null;
  readonly meaning: string;
}`;

/** File name without suffix in which a message lives. */
export function fileOf(message: Message): string {
  const kebab = (name: string) =>
    name
      .replace("KRaft", "Kraft")
      .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
      .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
      .toLowerCase();
  if (message.type === "request" || message.type === "response")
    return kebab(message.name.replace(/(Request|Response)$/, ""));
  if (message.type.startsWith("coordinator"))
    return `${kebab(message.name.replace(/(Key|Value)$/, ""))}-record`;
  return kebab(message.name);
}

function apiName(request: Message): string {
  return request.name.replace(/Request$/, "");
}

export function emitApiFacts(messages: readonly Message[], facts: readonly ApiFactInput[]): string {
  const rows = messages
    .filter((message) => message.type === "request")
    .sort((a, b) => (a.apiKey ?? 0) - (b.apiKey ?? 0))
    .map((request) => {
      const name = apiName(request);
      const response =
        messages.find((other) => other.name === `${name}Response`) ?? fail(`${name} has no response`);
      const fact = facts.find((candidate) => candidate.key === request.apiKey);
      const { from, to } = request.versions;
      const flexible = (message: Message) =>
        message.flexibleFrom <= to ? Math.max(message.flexibleFrom, from) : null;
      return `{ key: ${request.apiKey}, name: "${name}", minVersion: ${from}, maxVersion: ${to},
latestStable: ${request.latestVersionUnstable ? to - 1 : to},
requestFlexibleFrom: ${flexible(request)}, responseFlexibleFrom: ${flexible(response)},
listeners: ${JSON.stringify(request.listeners)}, clusterAction: ${fact?.clusterAction ?? false},
forwardable: ${fact?.forwardable ?? false}, requiresDelayedAllocation: ${fact?.requiresDelayedAllocation ?? false},
advertised: ${JSON.stringify(fact?.advertised ?? {})} },`;
    });
  const requests = messages.filter((message) => message.type === "request");
  const keys = requests.map((request) => `${apiName(request)}: ${request.apiKey},`);
  const keyTypes = requests.map((request) => `readonly ${apiName(request)}: ${request.apiKey};`);
  return `${API_FACT_TYPES}

/** API keys by API name. */
export const apiKeys: { ${keyTypes.join("\n")} } = { ${keys.join("\n")} };

/** A key of an API that the codec knows. */
export type ApiKey = (typeof apiKeys)[keyof typeof apiKeys];

/** All APIs, by ascending key. */
export const apiFacts: readonly ApiFact[] = [
${rows.join("\n")}
];`;
}

/** Record families: name of the table, and which messages are in it, by record type. */
function family(messages: readonly Message[], file: string, type: string): Message[] {
  return messages
    .filter((message) => message.file === file && message.type === type)
    .sort((a, b) => (a.apiKey ?? 0) - (b.apiKey ?? 0));
}

export function emitCodecs(messages: readonly Message[]): string {
  const imports = new Map<string, string[]>();
  for (const message of messages) {
    const names = imports.get(fileOf(message)) ?? [];
    names.push(
      `decode${message.name}`,
      `encode${message.name}`,
      `make${message.name}`,
      `type ${message.name}`,
    );
    imports.set(fileOf(message), names);
  }
  const importLines = [...imports].map(
    ([file, names]) => `import { ${names.join(", ")} } from "./${file}.ts";`,
  );
  const types = messages.map((message) => `${message.name}: ${message.name};`);
  const codecs = messages.map((message) => {
    const { name, versions } = message;
    return `${name}: { name: "${name}", minVersion: ${versions.from}, maxVersion: ${versions.to},
make: make${name}, decode: decode${name}, encode: encode${name} },`;
  });
  const requests = messages.filter((message) => message.type === "request");
  const apis = requests.map((request) => {
    const name = apiName(request);
    return `${request.apiKey}: {
makeRequest: make${name}Request, decodeRequest: decode${name}Request, encodeRequest: encode${name}Request,
makeResponse: make${name}Response, decodeResponse: decode${name}Response, encodeResponse: encode${name}Response },`;
  });
  const apiTypes = requests.map((request) => {
    const name = apiName(request);
    return `${request.apiKey}: { request: ${name}Request; response: ${name}Response };`;
  });
  return `${importLines.join("\n")}
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";

${CODEC_TYPES}

/** Type of each message, by schema name. */
export interface MessageTypes {
${types.join("\n")}
}

/** Request and response type of each API, by key. */
export interface ApiMessages {
${apiTypes.join("\n")}
}

/** Every message, by schema name. */
export const messageCodecs: { readonly [Name in keyof MessageTypes]: MessageCodec<MessageTypes[Name]> } = {
${codecs.join("\n")}
};

/** Every API, by key. */
export const apiCodecs: {
  readonly [Key in keyof ApiMessages]: ApiCodec<ApiMessages[Key]["request"], ApiMessages[Key]["response"]>;
} = {
${apis.join("\n")}
};

${emitRecordTables(messages)}`;
}

/** The tables by record type that stand behind the codecs. */
function emitRecordTables(messages: readonly Message[]): string {
  const pairs = (file: string) =>
    family(messages, file, "coordinator-key").map((key) => {
      const name = key.name.replace(/Key$/, "");
      return `${key.apiKey}: { name: "${name}", key: messageCodecs.${name}Key, value: messageCodecs.${name}Value },`;
    });
  const singles = (file: string) =>
    family(messages, file, "metadata").map((record) => `${record.apiKey}: messageCodecs.${record.name},`);
  return `/** A table by record type (int16 in front of the key, or uvarint in front of the record). */
export type ByRecordType<T> = { readonly [recordType: number]: T };

/** Records of \`__consumer_offsets\`. */
export const groupRecordCodecs: ByRecordType<CoordinatorRecordCodec> = { ${pairs("group-coordinator.json").join("\n")} };

/** Records of \`__share_group_state\`. */
export const shareRecordCodecs: ByRecordType<CoordinatorRecordCodec> = { ${pairs("share-coordinator.json").join("\n")} };

/** Records of \`__transaction_state\`. */
export const transactionRecordCodecs: ByRecordType<CoordinatorRecordCodec> = {
${pairs("transaction-coordinator.json").join("\n")} };

/** Records of \`__cluster_metadata\`. */
export const metadataRecordCodecs: ByRecordType<MessageCodec<unknown>> = { ${singles("metadata.json").join("\n")} };

/** Records of \`__remote_log_metadata\`. */
export const remoteLogRecordCodecs: ByRecordType<MessageCodec<unknown>> = { ${singles("storage.json").join("\n")} };`;
}

export function emitErrors(errors: readonly ErrorInput[], meanings: Record<string, string>): string {
  const rows = errors.map((error) => {
    const meaning = meanings[error.name] ?? fail(`error ${error.name} has no meaning`);
    return `${error.name}: { name: "${error.name}", code: ${error.code}, retriable: ${error.retriable},
invalidatesMetadata: ${error.invalidatesMetadata}, refreshRetriable: ${error.refreshRetriable},
transactionAbortable: ${error.transactionAbortable}, authorization: ${error.authorization},
authentication: ${error.authentication}, exception: ${JSON.stringify(error.exception)},
meaning: ${JSON.stringify(meaning)} },`;
  });
  const names = errors.map((error) => `readonly ${error.name}: ErrorSpec;`);
  return `${ERROR_TYPES}

/** Every protocol error, by name. */
export const errors: { ${names.join("\n")} } = {
${rows.join("\n")}
};`;
}

/** The generators among the codecs. */
export function emitPieces(messages: readonly Message[]): string {
  const requests = messages.filter(isDecodedInPieces);
  const responses = messages.filter(isEncodedInPieces);
  const decoder = (name: string): string => `decode${name}InPieces`;
  const encoder = (name: string): string => `encode${name}InPieces`;
  const lines = [
    ...requests.map((message) => [fileOf(message), decoder(message.name)] as const),
    ...responses.map((message) => [fileOf(message), encoder(message.name)] as const),
  ].map(([file, name]) => `import { ${name} } from "./${file}.ts";`);
  const keyOf = (response: Message): number | undefined =>
    messages.find(({ name }) => name === response.name.replace(/Response$/, "Request"))?.apiKey;
  return `import type { Pieces } from "@ottla/ports";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
${lines.join("\n")}

/** As \`decodeRequest\` of the API's codec, in pieces. @throws DecodeError */
export type RequestDecoderInPieces = (reader: Reader, version: number) => Pieces<unknown>;

/**
 * As \`encodeResponse\` of the API's codec, in pieces; the message is left unchanged meanwhile. @throws
 * EncodeError
 */
// biome-ignore lint/suspicious/noExplicitAny: each takes its own message alone; the key says which.
export type ResponseEncoderInPieces = (writer: Writer, message: any, version: number) => Pieces<void>;

/** APIs whose requests may carry very many elements, by key. */
export const requestDecodersInPieces: ReadonlyMap<number, RequestDecoderInPieces> = new Map<
  number,
  RequestDecoderInPieces
>([${requests.map((message) => `[${message.apiKey}, ${decoder(message.name)}],`).join("\n")}]);

/** APIs whose responses may, by key. */
export const responseEncodersInPieces: ReadonlyMap<number, ResponseEncoderInPieces> = new Map<
  number,
  ResponseEncoderInPieces
>([${responses.map((message) => `[${keyOf(message)}, ${encoder(message.name)}],`).join("\n")}]);`;
}
