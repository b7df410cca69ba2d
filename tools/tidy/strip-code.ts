// A TypeScript source with comments and the insides of strings, templates and regular expressions blanked
// out, so that rules can look for words in code. Same length and same lines as the source. A scanner, not a
// parser: type syntax needs no care here. Code inside `${}` of a template stays.

/** After one of these, a slash begins a regular expression. */
const REGEX_BEFORE =
  /(?:^|[([{,;=:!&|?+\-*%~^<>}]|\b(?:return|typeof|case|in|of|do|else|void|await|yield|throw))$/;

interface Scan {
  readonly text: string;
  at: number;
  readonly out: string[];
}

/** The code of a source; every other character is a blank. */
export function stripCode(text: string): string {
  const scan: Scan = { text, at: 0, out: [] };
  stripUntil(scan, undefined);
  return scan.out.join("");
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** Copies code up to the end, or to the closing brace of a template's expression. */
function stripUntil(scan: Scan, close: "}" | undefined): void {
  let depth = 0;
  while (scan.at < scan.text.length) {
    const char = scan.text[scan.at] ?? "";
    const two = scan.text.slice(scan.at, scan.at + 2);
    if (two === "//") skipTo(scan, endOfLine(scan));
    else if (two === "/*") skipTo(scan, after(scan, "*/", scan.at + 2));
    else if (char === '"' || char === "'") quoted(scan, char);
    else if (char === "`") template(scan);
    else if (char === "/" && startsRegex(scan)) quoted(scan, "/");
    else {
      if (close !== undefined && char === close && depth === 0) return;
      if (char === "{") depth++;
      if (char === "}") depth--;
      scan.out.push(char);
      scan.at++;
    }
  }
}

function endOfLine(scan: Scan): number {
  const end = scan.text.indexOf("\n", scan.at);
  return end < 0 ? scan.text.length : end;
}

function after(scan: Scan, mark: string, from: number): number {
  const found = scan.text.indexOf(mark, from);
  return found < 0 ? scan.text.length : found + mark.length;
}

function skipTo(scan: Scan, end: number): void {
  scan.out.push(blank(scan.text.slice(scan.at, end)));
  scan.at = end;
}

function startsRegex(scan: Scan): boolean {
  const before = scan.out.slice(-80).join("").trimEnd();
  return REGEX_BEFORE.test(before);
}

/** A string or regular expression on one line; its quotes stay. */
function quoted(scan: Scan, quote: string): void {
  let end = scan.at + 1;
  let inClass = false;
  while (end < scan.text.length && scan.text[end] !== "\n") {
    const char = scan.text[end];
    if (char === "\\") end++;
    else if (quote === "/" && char === "[") inClass = true;
    else if (quote === "/" && char === "]") inClass = false;
    else if (char === quote && !inClass) break;
    end++;
  }
  scan.out.push(quote, blank(scan.text.slice(scan.at + 1, end)), quote);
  scan.at = end + 1;
}

function template(scan: Scan): void {
  scan.out.push("`");
  scan.at++;
  while (scan.at < scan.text.length && scan.text[scan.at] !== "`") {
    if (scan.text[scan.at] === "\\") skipTo(scan, scan.at + 2);
    else if (scan.text.startsWith("${", scan.at)) {
      scan.out.push("${");
      scan.at += 2;
      stripUntil(scan, "}");
      scan.out.push("}");
      scan.at++;
    } else skipTo(scan, scan.at + 1);
  }
  scan.out.push("`");
  scan.at++;
}
