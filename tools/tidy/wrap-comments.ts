// Breaks comment lines longer than the cap at words: `node tools/tidy/wrap-comments.ts FILE…`. Line comments
// and the lines of block comments only; a comment behind code and a word longer than a line stay as they are.
import { readFileSync, writeFileSync } from "node:fs";

const LINE_CHARS_MAX = 110;
const COMMENT = /^(\s*(?:\/\/|\*|\/\*\*)\s+)(.*)$/;

/** The text with its long comment lines broken; what is cut off joins the next line of the same comment. */
export function wrapComments(text: string): string {
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const [, prefix, words] = COMMENT.exec(line) ?? [];
    if (prefix === undefined || words === undefined || line.length <= LINE_CHARS_MAX) continue;
    if (prefix.includes("/**") && words.endsWith("*/")) {
      lines.splice(index, 1, ...asBlock(prefix, words));
      continue;
    }
    const cut = line.lastIndexOf(" ", LINE_CHARS_MAX);
    if (cut < prefix.length) continue;
    const carried = line.slice(cut + 1);
    lines[index] = line.slice(0, cut);
    carry(lines, index + 1, prefix.replace("/**", " *"), carried);
  }
  return lines.join("\n");
}

/** A sentence goes on in the next line; a list entry, a drawing or the end of the comment does not. */
function carry(lines: string[], index: number, prefix: string, carried: string): void {
  const next = lines[index] ?? "";
  const isSameComment = next.startsWith(prefix) && /^[\w`(]/.test(next.slice(prefix.length));
  if (isSameComment) lines[index] = `${prefix}${carried} ${next.slice(prefix.length)}`;
  else lines.splice(index, 0, `${prefix}${carried}`);
}

/** A one-line block comment as a block of lines. */
function asBlock(prefix: string, words: string): readonly string[] {
  const indent = prefix.replace(/\/\*\*\s+$/, "");
  return [`${indent}/**`, `${indent} * ${words.replace(/\s*\*\/$/, "")}`, `${indent} */`];
}

if (import.meta.main) {
  for (const path of process.argv.slice(2)) {
    const text = readFileSync(path, "utf8");
    const wrapped = wrapComments(text);
    if (wrapped !== text) writeFileSync(path, wrapped);
  }
}
