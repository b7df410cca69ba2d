// Settings of a client from a command line: files, `key=value` words, and options that stand for one setting.
import type { ClientSettings } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";

/** `key=value` words as settings; without a value it is empty. Later words win. */
export function keyValueWords(words: readonly string[]): Record<string, string> {
  const settings: Record<string, string> = Object.create(null);
  for (const word of words) {
    const split = word.indexOf("=");
    const key = split < 0 ? word : word.slice(0, split);
    settings[key] = split < 0 ? "" : word.slice(split + 1);
  }
  return settings;
}

/**
 * The setting that an option stands for. A given option wins over everything; the option's default counts
 * only where no file and no word names the setting.
 */
export function optionSetting(
  settings: ClientSettings,
  key: string,
  given: GivenOptions,
  option: string,
): ClientSettings {
  if (!given.has(option) && Object.hasOwn(settings, key)) return settings;
  return { ...settings, [key]: given.valueOr(option) };
}
