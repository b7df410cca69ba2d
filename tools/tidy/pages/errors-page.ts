// docs/errors.md: every protocol error, from the table in package protocol.
import { type ErrorSpec, errors } from "@ottla/protocol";
import { markdownTable, opening, type Page } from "./page.ts";

const FLAGS: readonly [keyof ErrorSpec, string][] = [
  ["retriable", "retriable"],
  ["refreshRetriable", "retriable after a refresh"],
  ["invalidatesMetadata", "metadata is stale"],
  ["transactionAbortable", "abort the transaction"],
];

export const errorsPage: Page = {
  path: "docs/errors.md",
  async render() {
    const specs: ErrorSpec[] = Object.values(errors);
    const rows = specs
      .sort((a, b) => a.code - b.code)
      .map((spec) => [
        String(spec.code),
        spec.name,
        FLAGS.flatMap(([flag, words]) => (spec[flag] === true ? [words] : [])).join(", "),
        spec.meaning,
      ]);
    const text = "Errors that answers carry, by wire code, and what a client may do about them.";
    return [opening("Errors", text), markdownTable(["code", "name", "client", "meaning"], rows), ""].join(
      "\n\n",
    );
  },
};
