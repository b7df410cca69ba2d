// Which header stands in front of a message: request header 1 or 2, response header 0 or 1, the higher one
// for flexible versions. ApiVersions responses always carry header 0, so that a client can read the answer to
// a version it guessed.
import { type ApiFact, apiFacts, apiKeys } from "./generated/api-facts.ts";

const byKey: ReadonlyMap<number, ApiFact> = new Map(apiFacts.map((fact) => [fact.key, fact]));

/** Facts of the API with this key, or undefined when there is none. */
export function findApi(key: number): ApiFact | undefined {
  return byKey.get(key);
}

/** Header version of a request; 1 when the API is unknown. */
export function requestHeaderVersion(apiKey: number, version: number): number {
  const from = byKey.get(apiKey)?.requestFlexibleFrom ?? null;
  return from !== null && version >= from ? 2 : 1;
}

/** Header version of a response; 0 when the API is unknown. */
export function responseHeaderVersion(apiKey: number, version: number): number {
  if (apiKey === apiKeys.ApiVersions) return 0;
  const from = byKey.get(apiKey)?.responseFlexibleFrom ?? null;
  return from !== null && version >= from ? 1 : 0;
}
