// The repository as its rules see it: every text file with its path, read once. Rules are functions of this
// value, so that their tests can hand in a few files made up for the purpose.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { stripCode } from "./strip-code.ts";

export const ROOT: string = join(import.meta.dirname, "../..");

const SKIPPED_FOLDERS = new Set(["node_modules", "dist", ".git", ".cache", "coverage", "data"]);
/** Larger files are data. */
const FILE_BYTES_MAX = 2 * 1024 * 1024;
const TEXT_FILE = /\.(ts|tsx|js|mjs|json|md|sh|txt|properties|yml|yaml)$|(^|\/)(run|LICENSE)$/;

/** One text file; `path` is relative to the root, with slashes. */
export interface RepositoryFile {
  readonly path: string;
  readonly text: string;
}

/** A TypeScript source under packages/NAME/src. */
export interface Source extends RepositoryFile {
  readonly package: string;
  /** Without comments and the insides of strings. */
  readonly code: string;
  readonly isTest: boolean;
  readonly isGenerated: boolean;
}

export interface Repository {
  readonly files: readonly RepositoryFile[];
  readonly sources: readonly Source[];
}

/** A repository of these files. */
export function repositoryOf(files: readonly RepositoryFile[]): Repository {
  return { files, sources: files.flatMap(sourceOf) };
}

/** Reads the working tree, ignored folders apart. */
export function readRepository(root: string = ROOT): Repository {
  const files: RepositoryFile[] = [];
  collect(root, root, files);
  return repositoryOf(files.sort((a, b) => (a.path < b.path ? -1 : 1)));
}

export function fileAt(repository: Repository, path: string): RepositoryFile | undefined {
  return repository.files.find((file) => file.path === path);
}

function collect(root: string, folder: string, files: RepositoryFile[]): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const full = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) collect(root, full, files);
    } else if (entry.isFile()) {
      const path = relative(root, full).split(sep).join("/");
      if (!TEXT_FILE.test(path) || statSync(full).size > FILE_BYTES_MAX) continue;
      files.push({ path, text: readFileSync(full, "utf8") });
    }
  }
}

function sourceOf(file: RepositoryFile): Source[] {
  const name = /^packages\/([^/]+)\/src\/.+\.tsx?$/.exec(file.path)?.[1];
  if (name === undefined) return [];
  return [
    {
      ...file,
      package: name,
      code: stripCode(file.text),
      isTest: /\.(test|fuzz)\.tsx?$/.test(file.path),
      isGenerated: /\/generated\//.test(file.path),
    },
  ];
}
