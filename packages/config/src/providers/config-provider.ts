// Where values that are not written in a properties file come from (KIP-297): another properties file, a
// directory with a file per key, or the environment. Kafka's class names and parameters; classes of other
// makers cannot be loaded. Not here: finding references in values.
import { parseProperties } from "../parse-properties.ts";

/** What providers may read from; the caller brings it, for this package touches no disk. */
export interface ConfigSources {
  /** The text of a file. Throws when it cannot be read. */
  readFile(path: string): string;
  /** A variable of the environment. */
  variable(name: string): string | undefined;
}

/** Looks a key up; undefined when it is not there, a text with what is wrong when that cannot be told. */
export type ConfigProvider = (path: string, key: string) => { value?: string; problem?: string };

type MakeProvider = (parameters: ReadonlyMap<string, string>, sources: ConfigSources) => ConfigProvider;

const PACKAGE = "org.apache.kafka.common.config.provider.";

const makers: ReadonlyMap<string, MakeProvider> = new Map([
  [`${PACKAGE}FileConfigProvider`, fileProvider],
  [`${PACKAGE}DirectoryConfigProvider`, directoryProvider],
  [`${PACKAGE}EnvVarConfigProvider`, environmentProvider],
]);

/** The classes that `config.providers.NAME.class` may name. */
export const configProviderClasses: readonly string[] = [...makers.keys()];

/** The provider of a class; undefined for a class that is not there. Throws on a bad parameter. */
export function configProvider(
  className: string,
  parameters: ReadonlyMap<string, string>,
  sources: ConfigSources,
): ConfigProvider | undefined {
  return makers.get(className)?.(parameters, sources);
}

/** `${file:/run/secrets.properties:key}`: a key of a properties file. */
function fileProvider(parameters: ReadonlyMap<string, string>, sources: ConfigSources): ConfigProvider {
  const isAllowed = allowedPaths(parameters);
  const files = new Map<string, ReadonlyMap<string, string>>();
  return (path, key) => {
    if (path === "") return {};
    if (!isAllowed(path)) return { problem: `${path} is not under allowed.paths` };
    let values = files.get(path);
    if (values === undefined) {
      const text = attempt(() => sources.readFile(path));
      if (text === null) return { problem: `Could not read properties from file ${path}` };
      values = new Map(parseProperties(text, path).map((entry) => [entry.key, entry.value]));
      files.set(path, values);
    }
    return found(values.get(key));
  };
}

/** `${dir:/run/secrets:key}`: the content of a file in a directory. */
function directoryProvider(parameters: ReadonlyMap<string, string>, sources: ConfigSources): ConfigProvider {
  const isAllowed = allowedPaths(parameters);
  return (path, key) => {
    if (path === "" || key === "" || key.includes("/")) return {};
    if (!isAllowed(path)) return { problem: `${path} is not under allowed.paths` };
    return found(attempt(() => sources.readFile(`${path.replace(/\/+$/, "")}/${key}`)) ?? undefined);
  };
}

/** `${env:NAME}`: a variable of the environment. */
function environmentProvider(
  parameters: ReadonlyMap<string, string>,
  sources: ConfigSources,
): ConfigProvider {
  const pattern = new RegExp(`^(?:${parameters.get("allowlist.pattern") ?? ".*"})$`);
  return (path, key) => {
    if (path !== "") return { problem: `${path}: variables of the environment have no path` };
    return pattern.test(key) ? found(sources.variable(key)) : {};
  };
}

/** Paths under one of the comma-separated `allowed.paths`; all paths when the parameter is not set. */
function allowedPaths(parameters: ReadonlyMap<string, string>): (path: string) => boolean {
  const allowed = parameters.get("allowed.paths");
  if (allowed === undefined || allowed === "") return () => true;
  const roots = allowed.split(",").map((root) => root.trim().replace(/\/+$/, ""));
  return (path) =>
    !path.split("/").includes("..") && roots.some((root) => path === root || path.startsWith(`${root}/`));
}

function found(value: string | undefined): { value?: string } {
  return value === undefined ? {} : { value };
}

function attempt(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
