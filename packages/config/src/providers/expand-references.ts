// Puts values in the place of `${provider:path:key}` and `${provider:key}` (KIP-297). References to names
// that `config.providers` does not list stay as they are written, as in Kafka; what a listed provider cannot
// give is a problem here, where Kafka would take the reference for the value. Found values are final: a
// reference in them is text.
import type { PropertyEntry } from "../parse-properties.ts";
import type { ConfigProblem } from "../resolve-broker-config.ts";
import {
  type ConfigProvider,
  type ConfigSources,
  configProvider,
  configProviderClasses,
} from "./config-provider.ts";

const PROVIDERS_KEY = "config.providers";
// As in Kafka the path ends at the first colon, so that keys may have some.
const reference = /\$\{([^}:]*):(?:([^}:]*):)?([^}]*)\}/g;

/** The entries with their references replaced, and what could not be. */
export interface ExpandedEntries {
  readonly entries: readonly PropertyEntry[];
  readonly problems: readonly ConfigProblem[];
}

/** Replaces the references of all entries. Touches nothing when no provider is configured. */
export function expandReferences(entries: readonly PropertyEntry[], sources: ConfigSources): ExpandedEntries {
  const written = new Map(entries.map((entry) => [entry.key, entry]));
  const problems: ConfigProblem[] = [];
  const providers = makeProviders(written, sources, problems);
  if (providers.size === 0) return { entries, problems };
  const expanded = entries.map((entry) => {
    if (entry.key.startsWith(PROVIDERS_KEY)) return entry;
    const replace = (whole: string, name: string, path: string | undefined, key: string): string => {
      const provider = providers.get(name);
      if (provider === undefined) return whole;
      const { value, problem } = provider(path ?? "", key);
      if (value !== undefined) return value;
      const reason = `Provider ${name} has no value for ${whole}${problem === undefined ? "" : `: ${problem}`}`;
      problems.push({ key: entry.key, origin: entry.origin, reason });
      return whole;
    };
    return { ...entry, value: entry.value.replace(reference, replace) };
  });
  return { entries: expanded, problems };
}

function makeProviders(
  written: ReadonlyMap<string, PropertyEntry>,
  sources: ConfigSources,
  problems: ConfigProblem[],
): Map<string, ConfigProvider> {
  const providers = new Map<string, ConfigProvider>();
  const list = written.get(PROVIDERS_KEY);
  if (list === undefined) return providers;
  for (const name of list.value.split(",").map((each) => each.trim())) {
    if (name === "") continue;
    const key = `${PROVIDERS_KEY}.${name}.class`;
    const entry = written.get(key);
    const problem = (reason: string): void => {
      problems.push({ key, origin: (entry ?? list).origin, reason });
    };
    if (entry === undefined) {
      problem(`Missing: the class of provider ${name}`);
      continue;
    }
    try {
      const provider = configProvider(entry.value, parametersOf(name, written), sources);
      if (provider !== undefined) providers.set(name, provider);
      else problem(`Class ${entry.value} could not be found; there are ${configProviderClasses.join(", ")}`);
    } catch (error) {
      problem(error instanceof Error ? error.message : String(error));
    }
  }
  return providers;
}

function parametersOf(name: string, written: ReadonlyMap<string, PropertyEntry>): Map<string, string> {
  const prefix = `${PROVIDERS_KEY}.${name}.param.`;
  const parameters = new Map<string, string>();
  for (const { key, value } of written.values())
    if (key.startsWith(prefix)) parameters.set(key.slice(prefix.length), value);
  return parameters;
}
