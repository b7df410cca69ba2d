// Which packages may name the machine (Node's modules, the process, time, timers, chance), and which may be
// async.
import { type Finding, lineOf, type Rule } from "../finding.ts";
import type { Source } from "../repository.ts";

/** Folders and files whose business is the machine. */
const MAY_NAME_THE_MACHINE: readonly RegExp[] = [
  /^packages\/ports\/src\/node\//,
  /^packages\/(cli|console|connect|registry)\//,
  // The commands of the simulator; what they run is pure.
  /^packages\/testkit\/src\/sim\/run(?:-breakages)?\.ts$/,
];

/** Cores: completions arrive as callbacks in a later turn. */
const WITHOUT_ASYNC: readonly RegExp[] = [
  /^packages\/(log|coordinator)\/src\//,
  /^packages\/metadata\/src\/controller\//,
  /^packages\/broker\/src\/partition\//,
];

/** Used as a bare name; a property or a parameter of that name is something else. */
const GLOBALS: readonly string[] = [
  "process",
  "performance",
  "Date",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "clearTimeout",
  "clearInterval",
  "clearImmediate",
  "queueMicrotask",
  "WeakRef",
  "FinalizationRegistry",
  "console",
  "Buffer",
];

/** Tests of pure packages may read files and use Buffer, but never wait for real or draw by chance. */
const GLOBALS_IN_TESTS: readonly string[] = [
  "setTimeout",
  "setInterval",
  "setImmediate",
  "Date",
  "performance",
];

const ASYNC = /(?<![.\w$])(?:async|await|Promise)(?![\w$]|\s*[:(]\s*\{)/g;

export const machineNames: Rule = {
  name: "machine-names",
  promise:
    "only ports/node, cli, console, connect and registry name Node's modules, process, time, timers and chance",
  find(repository) {
    return repository.sources
      .filter(({ path }) => !MAY_NAME_THE_MACHINE.some((place) => place.test(path)))
      .flatMap((source) => [...globalsIn(source), ...nodeModulesIn(source), ...chanceIn(source)]);
  },
};

export const asyncInCores: Rule = {
  name: "async-in-cores",
  promise: "log, coordinator, metadata/controller and broker/partition contain no async",
  find(repository) {
    return repository.sources
      .filter(({ path, isTest }) => !isTest && WITHOUT_ASYNC.some((place) => place.test(path)))
      .flatMap((source) => matches(source, ASYNC, (word) => `${word} in a core`));
  },
};

function matches(source: Source, pattern: RegExp, tell: (found: string) => string): Finding[] {
  return [...source.code.matchAll(pattern)].map((match) => ({
    path: source.path,
    line: lineOf(source.code, match.index),
    text: tell(match[0].trim()),
  }));
}

function globalsIn(source: Source): Finding[] {
  const names = source.isTest ? GLOBALS_IN_TESTS : GLOBALS;
  return names.flatMap((name) => {
    if (isDeclaredIn(source.code, name)) return [];
    // `name:` is a key and `name(…) {` a method.
    const method = "\\s*\\([^()]*\\)\\s*(?::[^{;=]+)?\\{";
    const used = new RegExp(`(?<![.\\w$#]|\\btypeof )${name}(?![\\w$]|\\s*\\??:|${method})`, "g");
    return matches(source, used, () => `the global ${name}`);
  });
}

/**
 * A parameter, variable, import or property of that name: `process: Process`, `{ process }`, `const process`.
 */
function isDeclaredIn(code: string, name: string): boolean {
  const declared = new RegExp(
    `\\b(?:const|let|var|function|class)\\s+${name}\\b|[({,]\\s*(?:readonly\\s+)?${name}\\s*[,:})]|^\\s*(?:readonly\\s+)?${name}\\??:`,
    "m",
  );
  return declared.test(code);
}

function nodeModulesIn(source: Source): Finding[] {
  if (source.isTest) return [];
  return [...source.text.matchAll(/(?:from|import)\s*\(?\s*"(node:[^"]+)"/g)]
    .filter((match) => source.code[match.index] !== " ")
    .map((match) => ({
      path: source.path,
      line: lineOf(source.text, match.index),
      text: `module ${match[1]}`,
    }));
}

function chanceIn(source: Source): Finding[] {
  return matches(
    source,
    /\bMath\s*\.\s*random\b|(?<![.\w$])crypto\s*\.\s*(?:getRandomValues|randomUUID)/g,
    (word) => word,
  );
}
