// What kafka-broker-api-versions prints of one broker. Pure.

import type { ApiVersion } from "@ottla/client";
import { type ApiFact, apiFacts } from "@ottla/protocol";

/** Every API that clients may use, and what else the broker serves, one a line. */
export function apiVersionsText(served: readonly ApiVersion[]): string {
  const byKey = new Map(served.map((api) => [api.apiKey, api]));
  const facts = new Map(Object.values(apiFacts).map((fact: ApiFact) => [fact.key as number, fact]));
  const forClients = [...facts.values()].filter(({ listeners }) => listeners.includes("broker"));
  const keys = new Set([...forClients.map(({ key }) => key as number), ...byKey.keys()]);
  const lines = [...keys]
    .toSorted((left, right) => left - right)
    .map((key) => `\t${apiText(key, facts.get(key), byKey.get(key))}`);
  return `(\n${lines.join(",\n")}\n)\n`;
}

function apiText(key: number, fact: ApiFact | undefined, served: ApiVersion | undefined): string {
  const name = `${fact?.name ?? "UNKNOWN"}(${key}): `;
  if (served === undefined) return `${name}UNSUPPORTED`;
  const { minVersion, maxVersion } = served;
  const range = minVersion === maxVersion ? `${minVersion}` : `${minVersion} to ${maxVersion}`;
  if (fact === undefined) return name + range;
  const usable = Math.min(maxVersion, fact.latestStable);
  if (usable < fact.minVersion) return `${name}${range} [unusable: node too old]`;
  if (usable < minVersion) return `${name}${range} [unusable: node too new]`;
  return `${name}${range} [usable: ${usable}]`;
}
