// Caps on size: files, functions, lines, READMEs, sources in a folder. Generated code is exempt.
import { type Finding, lineOf, type Rule } from "../finding.ts";
import type { RepositoryFile } from "../repository.ts";
import { stripCode } from "../strip-code.ts";

const FILE_LINES_MAX = 700;
const FUNCTION_LINES_MAX = 70;
const LINE_CHARS_MAX = 110;
const README_LINES_MAX = 40;
const FOLDER_SOURCES_MAX = 15;

function isOwnCode({ path }: RepositoryFile): boolean {
  return path.endsWith(".ts") && !/\/generated\//.test(path);
}

function lineCount(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

export const fileLines: Rule = {
  name: "file-lines",
  promise: `no source has more than ${FILE_LINES_MAX} lines`,
  find(repository) {
    return repository.files.filter(isOwnCode).flatMap(({ path, text }): Finding[] => {
      const measured = lineCount(text);
      return measured <= FILE_LINES_MAX ? [] : [{ path, line: 0, text: `${measured} lines`, measured }];
    });
  },
};

export const lineChars: Rule = {
  name: "line-chars",
  promise: `no line is longer than ${LINE_CHARS_MAX} characters, contents of strings apart`,
  find(repository) {
    return repository.files.filter(isOwnCode).flatMap(({ path, text }): Finding[] => {
      const code = stripCode(text).split("\n");
      return text.split("\n").flatMap((line, index): Finding[] => {
        if (line.length <= LINE_CHARS_MAX) return [];
        const measured = withoutStrings(line, code[index] ?? "");
        if (measured <= LINE_CHARS_MAX) return [];
        return [{ path, line: index + 1, text: `${measured} characters`, measured }];
      });
    });
  },
};

/** A string cannot be broken without harm to who searches for it, so its inside does not count. */
function withoutStrings(line: string, code: string): number {
  if (/https?:\/\//.test(line)) return 0;
  if (code.trim() === "") return line.length;
  const kept = code.trimEnd();
  const comment = /^\s*\/[/*]/.test(line.slice(kept.length)) ? line.length - kept.length : 0;
  return kept.replace(/(\S) {2,}/g, "$1 ").length + comment;
}

export const functionLines: Rule = {
  name: "function-lines",
  promise: `no function has more than ${FUNCTION_LINES_MAX} lines`,
  find(repository) {
    return repository.files
      .filter(isOwnCode)
      .flatMap(({ path, text }) => longFunctions(path, stripCode(text)));
  },
};

/** Blocks after `=>` or after the parameters of something that is no control statement. */
function longFunctions(path: string, code: string): Finding[] {
  const findings: Finding[] = [];
  const open: number[] = [];
  for (let at = 0; at < code.length; at++) {
    if (code[at] === "{") open.push(at);
    if (code[at] !== "}") continue;
    const start = open.pop();
    if (start === undefined || !opensFunction(code, start)) continue;
    const measured = lineOf(code, at) - lineOf(code, start) + 1;
    if (measured <= FUNCTION_LINES_MAX) continue;
    findings.push({ path, line: lineOf(code, start), text: `a function of ${measured} lines`, measured });
  }
  return findings;
}

const CONTROL = /\b(?:if|for|while|switch|catch|with)\s*(?:await\s*)?$/;

function opensFunction(code: string, brace: number): boolean {
  const before = code.slice(Math.max(0, brace - 2000), brace).trimEnd();
  if (before.endsWith("=>")) return true;
  const parameters = /\)\s*(?::\s*[^{};()=]+(?:\([^()]*\)[^{};()=]*)?)?$/.exec(before);
  if (parameters === null) return false;
  const close = parameters.index;
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    if (before[at] === ")") depth++;
    if (before[at] === "(") depth--;
    if (depth === 0) return !CONTROL.test(before.slice(0, at));
  }
  return false;
}

export const readmeLines: Rule = {
  name: "readme-lines",
  promise: `every package has a README of at most ${README_LINES_MAX} lines`,
  find(repository) {
    const packages = repository.files.flatMap(
      ({ path }) => /^packages\/[^/]+(?=\/package\.json$)/.exec(path)?.[0] ?? [],
    );
    return packages.flatMap((folder): Finding[] => {
      const path = `${folder}/README.md`;
      const readme = repository.files.find((file) => file.path === path);
      if (readme === undefined) return [{ path, line: 0, text: "missing" }];
      const measured = lineCount(readme.text);
      return measured <= README_LINES_MAX ? [] : [{ path, line: 0, text: `${measured} lines`, measured }];
    });
  },
};

export const folderSources: Rule = {
  name: "folder-sources",
  promise: `no folder has more than ${FOLDER_SOURCES_MAX} sources, handlers, entries and generated apart`,
  find(repository) {
    const counts = new Map<string, number>();
    for (const { path, isTest, isGenerated } of repository.sources) {
      const folder = path.replace(/\/[^/]+$/, "");
      if (isTest || isGenerated || /\/(handlers|entries)$/.test(folder)) continue;
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    return [...counts].flatMap(([path, measured]): Finding[] =>
      measured <= FOLDER_SOURCES_MAX ? [] : [{ path, line: 0, text: `${measured} sources`, measured }],
    );
  },
};
