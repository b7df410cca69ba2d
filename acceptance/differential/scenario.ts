// What a scenario is: a sentence, and the requests to send at one version of one API. The same steps run
// against both peers; every `ask` is compared, everything else is preparation. Not here: how answers are
// compared (compare.ts).
import { type ApiKey, apiFacts } from "@ottla/protocol";
import type { Exchange } from "./exchange.ts";

export type ListenerName = "broker" | "controller";
export type Steps<Key extends ApiKey> = (x: Exchange<Key>) => Promise<void>;

/** Steps for a part of the versions; a bound left out is the API's. */
export interface BoundSteps<Key extends ApiKey> {
  readonly from?: number;
  readonly to?: number;
  readonly steps: Steps<Key>;
}

/** One scenario with its bounds. */
export interface Scenario {
  readonly api: ApiKey;
  readonly apiName: string;
  readonly name: string;
  readonly listener: ListenerName;
  readonly from: number;
  readonly to: number;
  steps(x: Exchange<ApiKey>): Promise<void>;
}

/** The name under which an API is reported. */
export function apiNameOf(api: ApiKey): string {
  return apiFacts.find(({ key }) => key === api)?.name ?? String(api);
}

/** Scenarios of one API, in the order written; the keys are sentences. */
export function scenariosOf<Key extends ApiKey>(
  api: Key,
  table: Readonly<Record<string, Steps<Key> | BoundSteps<Key>>>,
  listener: ListenerName = "broker",
): Scenario[] {
  return Object.entries(table).map(([name, entry]) => {
    const bound = typeof entry === "function" ? { steps: entry } : entry;
    return {
      api,
      apiName: listener === "controller" ? `${apiNameOf(api)} (controller)` : apiNameOf(api),
      name,
      listener,
      from: bound.from ?? 0,
      to: bound.to ?? 127,
      // The runner hands each scenario an exchange of its own API.
      steps: (x) => bound.steps(x as unknown as Exchange<Key>),
    };
  });
}
