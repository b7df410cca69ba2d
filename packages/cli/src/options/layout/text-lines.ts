// Breaking a text into lines of a width: where a line may end, and the two looks Kafka's tools have: the
// option table (ragged, continued lines indented) and the sub-command tools (blanks spread over the line).

/**
 * Pieces that stay together, each with the blanks behind it. A line may end after blanks, after dashes that a
 * letter follows, and after a mark of punctuation inside a word.
 */
function breakableWords(text: string): readonly string[] {
  return (
    text.match(/\S*?(?:\s+|-+(?=[A-Za-z])|[.,:;!?)](?=[A-Za-z[(<])|$)/g)?.filter((piece) => piece !== "") ??
    []
  );
}

/** Ragged lines of at most `width`; lines after the first of a paragraph are indented by two. */
export function raggedLines(text: string, width: number): readonly string[] {
  return text.split("\n").flatMap((paragraph) => raggedParagraph(paragraph, width));
}

function raggedParagraph(paragraph: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of breakableWords(paragraph)) {
    if (line.length + word.length > width && line !== "") {
      lines.push(line.trimEnd());
      line = "  ";
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}

/** Lines of exactly `width` but for the last; blanks are spread from the middle of each line. */
export function justifiedLines(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of breakableWords(text)) {
    if ((line + word).trimEnd().length > width && line !== "") {
      lines.push(justified(line.trimEnd(), width));
      line = "";
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}

function justified(line: string, width: number): string {
  const words = line.split(/ +/);
  const gaps = words.length - 1;
  const extra = width - line.length;
  if (gaps === 0 || extra <= 0) return line;
  const each = Math.floor(extra / gaps);
  const rest = extra % gaps;
  const from = Math.ceil((gaps - rest) / 2);
  let text = words[0] ?? "";
  for (let gap = 0; gap < gaps; gap++) {
    const more = gap >= from && gap < from + rest ? 1 : 0;
    text += " ".repeat(1 + each + more) + (words[gap + 1] ?? "");
  }
  return text;
}
