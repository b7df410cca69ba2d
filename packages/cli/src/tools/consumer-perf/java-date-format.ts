// SimpleDateFormat patterns of Java, as far as dates and times are made of numbers: letters are fields, text
// between single quotes stands for itself, two quotes are one.
import { illegalArgument } from "../../options/java-exception.ts";

type Field = (at: Date) => number;

const fields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["y", (at) => at.getFullYear()],
  ["M", (at) => at.getMonth() + 1],
  ["d", (at) => at.getDate()],
  ["H", (at) => at.getHours()],
  ["k", (at) => at.getHours() || 24],
  ["K", (at) => at.getHours() % 12],
  ["h", (at) => at.getHours() % 12 || 12],
  ["m", (at) => at.getMinutes()],
  ["s", (at) => at.getSeconds()],
  ["S", (at) => at.getMilliseconds()],
  ["u", (at) => at.getDay() || 7],
]);

/** The format of a pattern, in local time. Throws `JavaException` for a letter that it does not know. */
export function javaDateFormat(pattern: string): (wallMs: number) => string {
  if (pattern.split("'").length % 2 === 0) throw illegalArgument("Unterminated quote");
  const parts: ((at: Date) => string)[] = [];
  for (const [piece] of pattern.matchAll(/'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+/g)) {
    parts.push(/^[A-Za-z]/.test(piece) ? fieldPart(piece) : textPart(piece));
  }
  return (wallMs) => {
    const at = new Date(wallMs);
    return parts.map((part) => part(at)).join("");
  };
}

function textPart(piece: string): () => string {
  const text =
    piece === "''" ? "'" : piece.startsWith("'") ? piece.slice(1, -1).replaceAll("''", "'") : piece;
  return () => text;
}

function fieldPart(piece: string): (at: Date) => string {
  const letter = piece.charAt(0);
  if (letter === "a") return (at) => (at.getHours() < 12 ? "AM" : "PM");
  const field = fields.get(letter);
  if (field === undefined) throw illegalArgument(`Illegal pattern character '${letter}'`);
  if (piece === "yy") return (at) => String(field(at) % 100).padStart(2, "0");
  return (at) => String(field(at)).padStart(piece.length, "0");
}
