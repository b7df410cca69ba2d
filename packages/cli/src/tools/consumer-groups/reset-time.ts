// Times and durations as --to-datetime and --by-duration take them: Java's texts, Java's errors.
import { JavaException } from "../../options/java-exception.ts";

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{1,3})(Z|[+-]\d\d(?::?\d\d)?)$/;
const DURATION =
  /^([+-])?P(?:([+-]?\d+)D)?(?:T(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-]?\d+(?:\.\d{0,9})?)S)?)?$/i;

/** Milliseconds since 1970. Without a zone the time is UTC. */
export function parseDateTime(text: string): number {
  const [, time] = text.split("T");
  if (time === undefined) {
    throw parseFailure("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format");
  }
  const zoned = /[+\-Z]/.test(time) ? text : `${text}Z`;
  const match = DATE_TIME.exec(zoned);
  const zone = match?.[8] ?? "Z";
  const colon = zone === "Z" ? zone : `${zone.slice(0, 3)}:${zone.length > 3 ? zone.slice(-2) : "00"}`;
  const millis = (match?.[7] ?? "").padStart(3, "0");
  const iso = match === null ? "" : `${zoned.slice(0, 19)}.${millis}${colon}`;
  const at = Date.parse(iso);
  // Date.parse refuses a 13th month but takes the 30th of February.
  const isReal =
    !Number.isNaN(at) && new Date(`${zoned.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(match?.[3]);
  if (!isReal) throw parseFailure(`Unparseable date: "${zoned}"`);
  return at;
}

function parseFailure(message: string): JavaException {
  const cause = new JavaException("java.text.ParseException", message);
  return new JavaException("java.lang.RuntimeException", `java.text.ParseException: ${message}`, { cause });
}

/** Milliseconds. */
export function parseDuration(text: string): number {
  const match = DURATION.exec(text);
  const [, sign, days, hours, minutes, seconds] = match ?? [];
  const parts = [days, hours, minutes, seconds];
  if (match === null || parts.every((part) => part === undefined) || /T$/i.test(text)) {
    throw new JavaException("java.time.format.DateTimeParseException", "Text cannot be parsed to a Duration");
  }
  const [d, h, m, s] = parts.map((part) => Number(part ?? 0)) as [number, number, number, number];
  const ms = (((d * 24 + h) * 60 + m) * 60 + s) * 1000;
  return Math.trunc(sign === "-" ? -ms : ms);
}
