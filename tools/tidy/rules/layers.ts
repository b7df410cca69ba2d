// The layer table: who may import whom, in package.json, tsconfig.json and in the sources themselves.
import type { Finding, Rule } from "../finding.ts";
import { importsOf, resolveRelative } from "../imports.ts";
import { fileAt, type Repository, type Source } from "../repository.ts";

const TABLE = "tools/tidy/layers.json";

interface LayerRow {
  readonly name: string;
  readonly layer: number;
  readonly imports: readonly string[];
  readonly planned?: boolean;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function rowsOf(repository: Repository): readonly LayerRow[] {
  const file = fileAt(repository, TABLE);
  return file === undefined ? [] : (JSON.parse(file.text) as { packages: LayerRow[] }).packages;
}

function packageNames(repository: Repository): readonly string[] {
  return repository.files.flatMap(({ path }) => /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1] ?? []);
}

function manifestOf(repository: Repository, name: string): Manifest {
  const file = fileAt(repository, `packages/${name}/package.json`);
  return file === undefined ? {} : (JSON.parse(file.text) as Manifest);
}

function ownDependencies(manifest: Manifest): readonly string[] {
  return Object.keys(manifest.dependencies ?? {}).flatMap((name) => /^@ottla\/(.+)$/.exec(name)?.[1] ?? []);
}

export const layerTable: Rule = {
  name: "layer-table",
  promise: "the layer table names every package once, points downwards and has no cycle",
  find(repository) {
    const rows = rowsOf(repository);
    const findings: Finding[] = [];
    const complain = (text: string): void => void findings.push({ path: TABLE, line: 0, text });
    const byName = new Map(rows.map((row) => [row.name, row]));
    if (byName.size < rows.length) complain("a package has two rows");
    for (const name of packageNames(repository)) {
      const row = byName.get(name);
      if (row === undefined) complain(`package ${name} has no row`);
      else if (row.planned) complain(`package ${name} exists and is not planned any more`);
    }
    for (const row of rows) {
      for (const name of row.imports) {
        const target = byName.get(name);
        if (target === undefined) complain(`${row.name} may import ${name}, which has no row`);
        else if (target.layer > row.layer) complain(`${row.name} may import ${name} of a higher layer`);
        else if (reaches(byName, name, row.name, new Set())) complain(`${row.name} and ${name} form a cycle`);
      }
    }
    return findings;
  },
};

function reaches(rows: ReadonlyMap<string, LayerRow>, from: string, to: string, seen: Set<string>): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return (rows.get(from)?.imports ?? []).some((next) => reaches(rows, next, to, seen));
}

export const packageDependencies: Rule = {
  name: "package-dependencies",
  promise:
    "package.json and tsconfig.json of a package name the same packages, all allowed by the layer table",
  find(repository) {
    const rows = new Map(rowsOf(repository).map((row) => [row.name, row]));
    return packageNames(repository).flatMap((name) => {
      const path = `packages/${name}/package.json`;
      const allowed = rows.get(name)?.imports ?? [];
      const dependencies = ownDependencies(manifestOf(repository, name));
      const references = referencesOf(repository, name);
      const findings: Finding[] = dependencies
        .filter((dependency) => !allowed.includes(dependency))
        .map((dependency) => ({
          path,
          line: 0,
          text: `depends on ${dependency}, which its layer may not import`,
        }));
      if ([...dependencies].sort().join() !== [...references].sort().join()) {
        const text = `references ${references.join(", ") || "nothing"}, package.json has ${dependencies.join(", ") || "nothing"}`;
        findings.push({ path: `packages/${name}/tsconfig.json`, line: 0, text });
      }
      return findings;
    });
  },
};

function referencesOf(repository: Repository, name: string): readonly string[] {
  const file = fileAt(repository, `packages/${name}/tsconfig.json`);
  if (file === undefined) return [];
  const { references = [] } = JSON.parse(file.text) as { references?: { path: string }[] };
  return references.map(({ path }) => path.replace(/^\.\.\//, "").replace(/\/.*$/, ""));
}

export const packageImports: Rule = {
  name: "package-imports",
  promise:
    "a source imports only declared packages, by their door, and relative files of its own package with .ts",
  find(repository) {
    const paths = new Set(repository.files.map(({ path }) => path));
    return repository.sources.flatMap((source) => {
      const manifest = manifestOf(repository, source.package);
      return importsOf(source).flatMap(({ specifier, line }) => {
        const text = importComplaint(source, specifier, manifest, paths);
        return text === undefined ? [] : [{ path: source.path, line, text }];
      });
    });
  },
};

function importComplaint(
  source: Source,
  specifier: string,
  manifest: Manifest,
  paths: ReadonlySet<string>,
): string | undefined {
  if (specifier.startsWith("node:")) return undefined;
  if (specifier.startsWith(".")) {
    const target = resolveRelative(source.path, specifier);
    if (!target.startsWith(`packages/${source.package}/`)) return `${specifier} leaves the package`;
    return paths.has(target) ? undefined : `${specifier} is no file`;
  }
  const [scope = "", name = ""] = specifier.split("/");
  const root = specifier.startsWith("@") ? `${scope}/${name}` : scope;
  if (root === `@ottla/${source.package}`) return `${specifier} is the package itself`;
  if (scope === "@ottla" && specifier !== root) return `${specifier} is not the package's door`;
  const declared =
    manifest.dependencies?.[root] ?? (source.isTest ? manifest.devDependencies?.[root] : undefined);
  if (declared !== undefined || (source.isTest && root === "fast-check")) return undefined;
  return `${root} is not a dependency in package.json`;
}
