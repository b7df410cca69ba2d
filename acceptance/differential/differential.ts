// Runs scenarios at every version both peers serve, against both at the same time, and sorts what differs
// into allowed and not.
import {
  type ApiKey,
  type ApiVersionsResponse,
  apiFacts,
  apiKeys,
  findApi,
  makeApiVersionsRequest,
} from "@ottla/protocol";
import { type Answer, allowedDifferences } from "./allowed-differences.ts";
import { compare, type Difference } from "./compare.ts";
import { Exchange, type Observation } from "./exchange.ts";
import { mutate } from "./mutate.ts";
import { normalise } from "./normalise.ts";
import type { Peer } from "./peers.ts";
import type { ListenerName, Scenario } from "./scenario.ts";
import { newerIn44 } from "./served-apis.ts";

/** A difference with where it was found. */
export interface FoundDifference extends Difference {
  readonly apiName: string;
  readonly version: number;
  readonly scenario: string;
}

/** One scenario at one version. */
export interface Comparison {
  readonly apiName: string;
  readonly version: number;
  readonly scenario: string;
  readonly different: readonly FoundDifference[];
  /** Indexes in `allowedDifferences`. */
  readonly allowed: readonly number[];
  /** How long both peers took, in milliseconds. */
  readonly tookMs: number;
}

export interface RunOptions {
  readonly kafka: Peer;
  readonly ottla: Peer;
  readonly scenarios: readonly Scenario[];
  /** Changes one value of every answer of the second peer: then every comparison must fail. */
  readonly mutated: boolean;
  readonly version: number | null;
  onComparison(comparison: Comparison): void;
}

const stepsFailed = "steps failed";

interface Range {
  readonly min: number;
  readonly max: number;
}

type Served = ReadonlyMap<ListenerName, ReadonlyMap<number, Range>>;

async function servedBy(peer: Peer): Promise<Served> {
  const served = new Map<ListenerName, Map<number, Range>>();
  for (const listener of ["broker", "controller"] as const) {
    const x = new Exchange<typeof apiKeys.ApiVersions>({
      peer,
      api: apiKeys.ApiVersions,
      version: 3,
      listener,
      topicPrefix: "",
      nowMs: 0,
    });
    const names = { clientSoftwareName: "differential", clientSoftwareVersion: "1" };
    const answer: ApiVersionsResponse = await x.call(
      apiKeys.ApiVersions,
      3,
      makeApiVersionsRequest(names),
      listener,
    );
    x.close();
    served.set(
      listener,
      new Map(
        answer.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
          apiKey,
          { min: minVersion, max: maxVersion },
        ]),
      ),
    );
  }
  return served;
}

/** What each peer is asked in. */
interface AskedVersions {
  readonly kafka: number;
  readonly ottla: number;
}

/**
 * The versions of a scenario: served by both, known to the codecs, wanted by it. One that only Ottla
 * has must say what Apache Kafka says in its newest.
 */
function versionsOf(scenario: Scenario, kafka: Served, ottla: Served): AskedVersions[] {
  const fact = findApi(scenario.api);
  const left = kafka.get(scenario.listener)?.get(scenario.api);
  const right = ottla.get(scenario.listener)?.get(scenario.api);
  if (fact === undefined || left === undefined || right === undefined) return [];
  const min = Math.max(fact.minVersion, left.min, right.min, scenario.from);
  const max = Math.min(fact.maxVersion, left.max, right.max, scenario.to);
  const versions = Array.from({ length: Math.max(0, max - min + 1) }, (_, index) => min + index).map(
    (version) => ({ kafka: version, ottla: version }),
  );
  const isAhead = newerIn44.has(scenario.api) && max === left.max && right.max === max + 1;
  return isAhead && scenario.to > max ? [...versions, { kafka: max, ottla: max + 1 }] : versions;
}

async function observe(
  scenario: Scenario,
  peer: Peer,
  options: { version: number; topicPrefix: string; nowMs: number },
): Promise<Observation[]> {
  peer.symbols.startScenario();
  const x = new Exchange<ApiKey>({ peer, api: scenario.api, listener: scenario.listener, ...options });
  try {
    await scenario.steps(x);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    x.observations.push({ label: stepsFailed, kind: "undecodable", value: why });
  } finally {
    x.close();
  }
  return x.observations;
}

function pathPrefix(observation: Observation, index: number): string {
  return observation.label === "" ? `#${index + 1}` : `#${index + 1}(${observation.label})`;
}

/** Index in the list, or -1. */
function allowedBy(scenario: Scenario, difference: Difference): number {
  return allowedDifferences.findIndex(
    (entry) =>
      (entry.api === "*" || entry.api === scenario.apiName) &&
      (entry.scenario === undefined || entry.scenario === scenario.name) &&
      entry.path?.test(difference.path) === true &&
      (entry.allows?.(difference) ?? true),
  );
}

/** As `allowedBy`, of an answer that Apache Kafka never gives. */
function allowedAlone(
  scenario: Scenario,
  kafka: readonly [Observation, unknown] | undefined,
  ottla: readonly [Observation, unknown] | undefined,
): number {
  if (kafka?.[0].kind !== "silent" || ottla?.[0].kind !== "answered") return -1;
  return allowedDifferences.findIndex(
    (entry) =>
      entry.api === scenario.apiName &&
      entry.scenario === scenario.name &&
      entry.answersAlone?.(ottla[1] as Answer) === true,
  );
}

function judge(
  scenario: Scenario,
  version: number,
  kafka: readonly (readonly [Observation, unknown])[],
  ottla: readonly (readonly [Observation, unknown])[],
): Omit<Comparison, "tookMs"> {
  const different: FoundDifference[] = [];
  const allowed: number[] = [];
  const where = { apiName: scenario.apiName, version, scenario: scenario.name };
  for (let index = 0; index < Math.max(kafka.length, ottla.length); index++) {
    const left = kafka[index];
    const right = ottla[index];
    const alone = allowedAlone(scenario, left, right);
    if (alone >= 0) {
      allowed.push(alone);
      continue;
    }
    const prefix = pathPrefix((left ?? right)?.[0] ?? { label: "", kind: "silent", value: null }, index);
    for (const difference of compare(comparable(left), comparable(right))) {
      const entry = allowedBy(scenario, difference);
      if (entry >= 0) allowed.push(entry);
      else different.push({ ...difference, ...where, path: `${prefix} ${difference.path}` });
    }
  }
  // Two peers that fail in the same words do not agree: a scenario must run through.
  const failed = [...kafka, ...ottla].find(([{ label }]) => label === stepsFailed);
  if (failed !== undefined || kafka.length === 0) {
    const why = failed === undefined ? "nothing was compared" : failed[1];
    different.push({ ...where, path: "steps", kafka: why, ottla: why });
  }
  return { ...where, different, allowed };
}

function comparable(side: readonly [Observation, unknown] | undefined): unknown {
  if (side === undefined) return "(no such observation)";
  const [observation, value] = side;
  return { outcome: observation.kind, ...(typeof value === "object" && value !== null ? value : { value }) };
}

/** What a run cannot compare. */
export interface NotCompared {
  /** APIs with scenarios that the second peer does not serve. */
  readonly missing: readonly string[];
  /** APIs that the second peer serves and no scenario of the run asks. */
  readonly withoutScenarios: readonly string[];
}

function withoutScenarios(served: Served, scenarios: readonly Scenario[]): string[] {
  const asked = new Set(scenarios.map(({ api }) => api as number));
  const keys = new Set([...served.values()].flatMap((ranges) => [...ranges.keys()]));
  return [...keys]
    .filter((key) => !asked.has(key))
    .sort((left, right) => left - right)
    .map((key) => apiFacts.find((fact) => fact.key === key)?.name ?? `API ${key}`);
}

/** Runs everything. */
export async function runDifferential(options: RunOptions): Promise<NotCompared> {
  const { kafka, ottla } = options;
  const [byKafka, byOttla] = [await servedBy(kafka), await servedBy(ottla)];
  const run = Date.now().toString(36).slice(-5);
  const nowMs = Date.now() - 12 * 3_600_000;
  const missing = new Set<string>();
  for (const [index, scenario] of options.scenarios.entries()) {
    const versions = versionsOf(scenario, byKafka, byOttla).filter(
      (version) => options.version === null || version.ottla === options.version,
    );
    if (byOttla.get(scenario.listener)?.get(scenario.api) === undefined) missing.add(scenario.apiName);
    for (const version of versions) {
      const context = { topicPrefix: `d${run}-${index}-v${version.ottla}`, nowMs };
      const fromMs = Date.now();
      const [left, right] = await Promise.all([
        observe(scenario, kafka, { ...context, version: version.kafka }),
        observe(scenario, ottla, { ...context, version: version.ottla }),
      ]);
      const changed = options.mutated ? right.map(mutate) : right;
      const tookMs = Date.now() - fromMs;
      options.onComparison({
        ...judge(
          scenario,
          version.ottla,
          left.map((observation) => [observation, normalise(observation.value, kafka)] as const),
          changed.map((observation) => [observation, normalise(observation.value, ottla)] as const),
        ),
        tookMs,
      });
    }
  }
  return { missing: [...missing], withoutScenarios: withoutScenarios(byOttla, options.scenarios) };
}

/** Reported names in the order of the API keys. */
export function apiOrder(apiName: string): number {
  const plain = apiName.replace(/ \(.*/, "");
  return apiFacts.find(({ name }) => name === plain)?.key ?? 1000;
}
