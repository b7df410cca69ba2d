// Codecs for code that learns at run time which message it has: dispatch, tools, fuzzers. Who knows the API
// when writing the code imports its functions instead.
import { type ApiCodec, apiCodecs, type MessageCodec, messageCodecs } from "./generated/message-codecs.ts";

const byApiKey: ReadonlyMap<number, ApiCodec<unknown, unknown>> = new Map(
  Object.entries(apiCodecs).map(([key, codec]) => [Number(key), codec as ApiCodec<unknown, unknown>]),
);
const byName: ReadonlyMap<string, MessageCodec<unknown>> = new Map(
  Object.values(messageCodecs).map((codec) => [codec.name, codec as MessageCodec<unknown>]),
);

/** Codec of the API with this key, or undefined when there is none. */
export function findApiCodec(apiKey: number): ApiCodec<unknown, unknown> | undefined {
  return byApiKey.get(apiKey);
}

/** Codec of the message with this schema name, such as `TopicRecord`. */
export function findMessageCodec(name: string): MessageCodec<unknown> | undefined {
  return byName.get(name);
}
