// The command line of kafka-server-start: a properties file and overrides; `--quickstart` in place of the
// file is ours.

/** What is asked for. */
export type ServerArguments =
  | { readonly kind: "file"; readonly file: string; readonly overrides: readonly string[] }
  | { readonly kind: "quickstart"; readonly overrides: readonly string[] }
  | { readonly kind: "version" | "usage" }
  | { readonly kind: "problem"; readonly message: string };

export function parseServerArguments(words: readonly string[]): ServerArguments {
  const files: string[] = [];
  const overrides: string[] = [];
  let isQuickstart = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--version") return { kind: "version" };
    if (word === "--help") return { kind: "usage" };
    if (word === "--quickstart") isQuickstart = true;
    else if (word.startsWith("--override=")) overrides.push(word.slice("--override=".length));
    else if (word === "--override") {
      const value = words[++index];
      if (value === undefined) return { kind: "problem", message: "Option override requires an argument" };
      overrides.push(value);
    } else if (word.startsWith("--")) {
      return { kind: "problem", message: `${word.slice(2)} is not a recognized option` };
    } else files.push(word);
  }
  const [file, ...more] = files;
  if (isQuickstart && file === undefined) return { kind: "quickstart", overrides };
  if (file === undefined || isQuickstart) return { kind: "usage" };
  if (more.length > 0)
    return { kind: "problem", message: `Found non argument parameters: ${more.join(",")}` };
  return { kind: "file", file, overrides };
}

export const serverUsage =
  "USAGE: kafka-server-start.sh [-daemon] server.properties [--override property=value]*";
