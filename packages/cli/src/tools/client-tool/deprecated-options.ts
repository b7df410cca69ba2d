// Options under two names: giving both is refused, the old one is told of on standard output.
import type { GivenOptions } from "../../options/given-options.ts";
import { UsageError } from "../../options/option-error.ts";
import type { ToolHost } from "../../options/tool-host.ts";

/** An old option and the one that took its place, without dashes. */
export interface RenamedOption {
  readonly old: string;
  readonly now: string;
}

/** Throws `UsageError` when both are given. */
export function refuseBoth(given: GivenOptions, first: string, second: string): void {
  if (given.has(first) && given.has(second)) {
    throw new UsageError(`Options --${first} and --${second} cannot be specified together.`);
  }
}

/** The name that was given; tells of the old one with the tool's own word in front. */
export function givenName(
  given: GivenOptions,
  { old, now }: RenamedOption,
  host: ToolHost,
  word: "Warning:" | "Option",
): string {
  if (!given.has(old)) return now;
  const verb = `is deprecated and will be removed in a future version. Use --${now} instead.`;
  host.out(`${word} --${old} ${verb}\n`);
  return old;
}
