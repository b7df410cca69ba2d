// What did not fit, by file, printed at the end: indexes that lead elsewhere, gaps between offsets.
import { javaNameOrder } from "../../options/kafka-words/java-hash-order.ts";
import type { OffsetGaps } from "./dump-log-file.ts";
import type { IndexMismatches } from "./indexes/dump-offset-index.ts";
import type { TimeIndexProblems } from "./indexes/dump-time-index.ts";

/** Filled while files are dumped; files in which all fits have empty entries. */
export class FoundProblems {
  readonly mismatches: Map<string, IndexMismatches> = new Map();
  readonly timeIndexes: Map<string, TimeIndexProblems> = new Map();
  readonly gaps: Map<string, OffsetGaps> = new Map();

  /** The lines for standard error. */
  text(): string {
    const times = (part: keyof TimeIndexProblems): Map<string, readonly [bigint, bigint][]> =>
      new Map([...this.timeIndexes].map(([file, problems]) => [file, problems[part]]));
    return (
      section(this.mismatches, "Mismatches in :", "  Index offset: ", ", log offset: ") +
      section(
        times("mismatches"),
        "Found timestamp mismatch in :",
        "  Index timestamp: ",
        ", log timestamp: ",
      ) +
      section(
        times("outOfOrder"),
        "Found out of order timestamp in :",
        "  Index timestamp: ",
        ", Previously indexed timestamp: ",
      ) +
      section(
        times("offsetsNotFound"),
        "The following indexed offsets are not found in :",
        "Indexed offset: ",
        ", found log offset: ",
      ) +
      section(this.gaps, "Non-consecutive offsets in ", "  ", " is followed by ")
    );
  }
}

function section(
  byFile: ReadonlyMap<string, readonly [bigint, bigint][]>,
  heading: string,
  before: string,
  between: string,
): string {
  let text = "";
  const files = [...byFile.keys()].filter((file) => byFile.get(file)?.length !== 0);
  // Kafka's tool fills its map in a way that puts the newest key of a bucket first.
  for (const file of javaNameOrder(files.toReversed())) {
    text += `${heading}${file}\n`;
    for (const [first, second] of byFile.get(file) ?? []) text += `${before}${first}${between}${second}\n`;
  }
  return text;
}
