// Whether printed lines are those of a transcript. Varying parts stand in angle brackets: `<uuid>`,
// `<java-uuid>`, `<time>`, `<ms>`, `<n>`, `<x>`; `<usage table>`, `<stack trace>`, `<repeated>` and `<… more
// lines …>` stand for any number of lines.

const parts: ReadonlyMap<string, string> = new Map([
  ["uuid", "[A-Za-z0-9_-]{22}"],
  ["java-uuid", "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"],
  ["time", "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3}"],
  ["ms", "\\d+"],
  ["n", "\\d+"],
  ["x", "\\S+"],
  ["any", ".*"],
]);

/** Null when the lines match, else a text that shows both. Lines in `anywhere` may change places. */
export function outputDifference(
  expected: readonly string[],
  printed: string,
  anywhere: ReadonlySet<string> = new Set(),
): string | null {
  const unordered = printed === "" ? [] : printed.replace(/\n$/, "").split("\n");
  const lines = inOrderOf([...anywhere], unordered);
  const normalised = lines.map(withSortedChoices);
  if (matches(expected.map(withSortedChoices), 0, normalised, 0)) return null;
  return `expected:\n${quoted(expected, lines)}\nprinted:\n${quoted(lines, expected)}`;
}

/** The lines; those that a pattern of `order` matches change places so that they come in its order. */
function inOrderOf(order: readonly string[], lines: readonly string[]): readonly string[] {
  const patterns = order.map(linePattern);
  const places = lines.flatMap((line, place) =>
    patterns.some((pattern) => pattern.test(line)) ? [place] : [],
  );
  const free = new Set(places);
  const ordered = patterns.flatMap((pattern) => {
    const place = [...free].find((each) => pattern.test(lines[each] ?? ""));
    if (place === undefined) return [];
    free.delete(place);
    return [place];
  });
  const result = [...lines];
  for (const [index, place] of [...ordered, ...free].entries()) {
    result[places[index] ?? 0] = lines[place] ?? "";
  }
  return result;
}

/** The lines; those that are in the other list word for word are left out of long ones. */
function quoted(lines: readonly string[], others: readonly string[]): string {
  const known = new Set(lines.length > 8 ? others : []);
  return lines.map((line) => (known.has(line) ? "  …" : `  |${line}|`)).join("\n");
}

function matches(expected: readonly string[], from: number, lines: readonly string[], at: number): boolean {
  const pattern = expected[from];
  if (pattern === undefined) return at === lines.length;
  const many = manyLines(pattern);
  if (many === null) {
    const line = lines[at];
    return (
      line !== undefined && linePattern(pattern).test(line) && matches(expected, from + 1, lines, at + 1)
    );
  }
  for (let end = at; ; end++) {
    if (matches(expected, from + 1, lines, end)) return true;
    const line = lines[end];
    if (line === undefined || !many.test(line)) return false;
  }
}

/** What each of the lines must be that a placeholder of lines stands for; null for any other pattern. */
function manyLines(pattern: string): RegExp | null {
  switch (pattern.trim()) {
    case "<usage table>":
    case "<repeated>":
      return /^/;
    case "<stack trace>":
      return /^\s+(?:at |\.\.\. \d+ more|Suppressed)|^$/;
    default:
      return /^<\.\.\. .*more .*lines.*>$/.test(pattern.trim()) ? /^/ : null;
  }
}

function linePattern(line: string): RegExp {
  const source = line
    .split(/(<[a-z-]+>)/)
    .map((piece) => parts.get(/^<([a-z-]+)>$/.exec(piece)?.[1] ?? "") ?? escaped(piece));
  return new RegExp(`^${source.join("")}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Lists of options and of states come in the order of a set, which differs from run to run. */
function withSortedChoices(line: string): string {
  const list = /\[[a-z-]+\](?:, \[[a-z-]+\])+|(?<=Valid states are: ).*/;
  return line.replace(list, (choices) => choices.split(", ").toSorted().join(", "));
}
