// Words that have no place in the repository: paths of one machine, hosts of package registries.
import { type Finding, lineOf, type Rule } from "../finding.ts";
import { fileAt } from "../repository.ts";

interface BannedWord {
  readonly pattern: RegExp;
  readonly instead: string;
}

const BANNED: readonly BannedWord[] = [
  {
    pattern: /(?<![\w.])\/(?:work|root|home\/\w+)\/\w[\w./-]*/g,
    instead: "a path relative to the repository",
  },
  { pattern: /(?<![\w.])\/tmp\/ottla\b[\w./-]*/g, instead: "a temporary directory drawn at run time" },
  { pattern: /\.\.\/shared\/\w+/g, instead: "a copy inside the repository" },
  {
    pattern: /https?:\/\/[^\s"'`)]*(?:registry|npmjs|artifactory|jfrog|nexus)[^\s"'`)]*/gi,
    instead: "no registry at all: the environment chooses it",
  },
];

/** This file, which has to spell them, and the licence. */
const EXEMPT = /^(?:tools\/tidy\/rules\/words\.ts|tools\/tidy\/tidy-rules\.test\.ts|LICENSE)$|\/goldens\//;

export const bannedWords: Rule = {
  name: "banned-words",
  promise: "no file names a path of one machine or a package registry",
  find(repository) {
    return repository.files
      .filter(({ path }) => !EXEMPT.test(path))
      .flatMap(({ path, text }) =>
        BANNED.flatMap(({ pattern, instead }) =>
          [...text.matchAll(pattern)].map((match) => ({
            path,
            line: lineOf(text, match.index),
            text: `${match[0]}: write ${instead}`,
          })),
        ),
      );
  },
};

export const lockFile: Rule = {
  name: "lock-file",
  promise: "package-lock.json does not say where packages were downloaded from",
  find(repository) {
    const file = fileAt(repository, "package-lock.json");
    if (file === undefined) return [];
    return [...file.text.matchAll(/"resolved":\s*"https?:[^"]*"/g)].map(
      (match): Finding => ({
        path: file.path,
        line: lineOf(file.text, match.index),
        text: "resolved by URL",
      }),
    );
  },
};
