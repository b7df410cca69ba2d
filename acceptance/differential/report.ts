// What a run found, per API, and whether it is clean.
import { allowedDifferences } from "./allowed-differences.ts";
import { printed } from "./compare.ts";
import { apiOrder, type Comparison, type NotCompared } from "./differential.ts";
import { allowedScenariosPrintedMax, differencesPrintedMax, valueCharactersMax } from "./limits.ts";

interface Counts {
  scenarios: Set<string>;
  versions: Set<number>;
  compared: number;
  equal: number;
  allowed: number;
  different: number;
  printed: number;
}

/** Collects comparisons; `line` prints. */
export class DifferentialReport {
  readonly #line: (text: string) => void;
  readonly #byApi = new Map<string, Counts>();
  readonly #allowedTimes: number[] = allowedDifferences.map(() => 0);
  /** Scenarios by index of the allowed difference. */
  readonly #allowedIn: ReadonlyMap<number, Set<string>> = new Map(
    allowedDifferences.map((_, index) => [index, new Set<string>()]),
  );

  constructor(line: (text: string) => void) {
    this.#line = line;
  }

  add(comparison: Comparison): void {
    const counts = this.#countsOf(comparison.apiName);
    counts.scenarios.add(comparison.scenario);
    counts.versions.add(comparison.version);
    counts.compared++;
    for (const index of comparison.allowed) {
      this.#allowedTimes[index] = (this.#allowedTimes[index] ?? 0) + 1;
      this.#allowedIn.get(index)?.add(`${comparison.apiName} "${comparison.scenario}"`);
    }
    if (comparison.different.length > 0) counts.different++;
    else if (comparison.allowed.length > 0) counts.allowed++;
    else counts.equal++;
    for (const { apiName, version, scenario, path, kafka, ottla } of comparison.different) {
      if (++counts.printed > differencesPrintedMax) continue;
      const values = `kafka=${printed(kafka, valueCharactersMax)} ottla=${printed(ottla, valueCharactersMax)}`;
      this.#line(`${apiName} v${version} "${scenario}" ${path}: ${values}`);
    }
  }

  /**
   * Prints the table; true when nothing differs, nothing is missing and (in a full run) no allowed difference
   * is stale. An API that is served before it has scenarios is named, and no fault.
   */
  finish({ missing, withoutScenarios }: NotCompared, isFull: boolean): boolean {
    let clean = missing.length === 0;
    if (isFull && withoutScenarios.length > 0)
      this.#line(`served without scenarios: ${withoutScenarios.join(", ")}`);
    for (const apiName of missing) this.#line(`${apiName}: served by Apache Kafka alone`);
    this.#line("API                          scenarios  versions  compared  equal  allowed  different");
    for (const [apiName, counts] of [...this.#byApi].sort(([a], [b]) => apiOrder(a) - apiOrder(b))) {
      if (counts.different > 0) clean = false;
      const numbers = [
        String(counts.scenarios.size).padStart(9),
        String(counts.versions.size).padStart(8),
        String(counts.compared).padStart(8),
        String(counts.equal).padStart(5),
        String(counts.allowed).padStart(7),
        String(counts.different).padStart(9),
      ];
      this.#line(`${apiName.padEnd(28)} ${numbers.join("  ")}`);
    }
    for (const [index, entry] of allowedDifferences.entries()) {
      const times = this.#allowedTimes[index] ?? 0;
      if (isFull && times === 0) clean = false;
      const state = times === 0 && isFull ? "STALE" : `${times} times`;
      this.#line(
        `allowed, ${state}: ${entry.api} ${entry.path?.source ?? "(answered alone)"} (${entry.reason})`,
      );
      const scenarios = [...(this.#allowedIn.get(index) ?? [])];
      if (scenarios.length > 0 && scenarios.length <= allowedScenariosPrintedMax)
        this.#line(`    in ${scenarios.join(", ")}`);
    }
    return clean;
  }

  get compared(): number {
    return [...this.#byApi.values()].reduce((sum, { compared }) => sum + compared, 0);
  }

  get equal(): number {
    return [...this.#byApi.values()].reduce((sum, { equal }) => sum + equal, 0);
  }

  get allowed(): number {
    return [...this.#byApi.values()].reduce((sum, { allowed }) => sum + allowed, 0);
  }

  get different(): number {
    return [...this.#byApi.values()].reduce((sum, { different }) => sum + different, 0);
  }

  #countsOf(apiName: string): Counts {
    const known = this.#byApi.get(apiName);
    if (known !== undefined) return known;
    const counts = {
      scenarios: new Set<string>(),
      versions: new Set<number>(),
      compared: 0,
      equal: 0,
      allowed: 0,
      different: 0,
      printed: 0,
    };
    this.#byApi.set(apiName, counts);
    return counts;
  }
}
