// `auto.offset.reset`: where to begin without a committed offset, or when the position is out of range.
// `by_duration:P…` (KIP-1106) begins at the first record that is at most so old.
import { type ConfigError, invalidValue } from "../../config/config-error.ts";

/** `duration`: at the first record of the last `durationMs` milliseconds. */
export type OffsetResetStrategy =
  | { readonly kind: "earliest" | "latest" | "none" }
  | { readonly kind: "duration"; readonly durationMs: number };

const KEY = "auto.offset.reset";
const DURATION_PREFIX = "by_duration:";
const EARLIEST_TIMESTAMP = -2;
const LATEST_TIMESTAMP = -1;

/** As ISO 8601 writes durations of days to seconds; years and months have no fixed length. */
const ISO_DURATION =
  /^([-+]?)P(?:([-+]?\d+)D)?(T(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+)(?:[.,](\d{0,9}))?S)?)?$/i;

/** Throws `ConfigError` with Kafka's text. */
export function parseOffsetResetStrategy(text: string): OffsetResetStrategy {
  const name = text.toLowerCase();
  if (name === "earliest" || name === "latest" || name === "none") return { kind: name };
  if (name.startsWith(DURATION_PREFIX)) {
    const durationMs = parseIsoDurationMs(text.slice(DURATION_PREFIX.length));
    if (durationMs !== null && durationMs >= 0) return { kind: "duration", durationMs };
  }
  throw invalidReset(text);
}

function invalidReset(text: string): ConfigError {
  const problem =
    `Invalid value \`${text}\` for configuration ${KEY}. The value must be either 'earliest', 'latest', ` +
    "'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.";
  return invalidValue(KEY, text, problem);
}

/** Milliseconds; null when it is no duration. */
export function parseIsoDurationMs(text: string): number | null {
  const match = ISO_DURATION.exec(text);
  if (match === null) return null;
  const [, sign, days, time, hours, minutes, seconds, fraction] = match;
  const parts = [days, hours, minutes, seconds];
  // "P" alone and a "T" without anything behind it are no durations.
  if (parts.every((part) => part === undefined) || time?.length === 1) return null;
  const [day, hour, minute, second] = parts.map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const negative = seconds?.startsWith("-") === true ? -1 : 1;
  const fractionMs = negative * Math.trunc(Number(`0.${fraction ?? 0}`) * 1000);
  const ms = (((day * 24 + hour) * 60 + minute) * 60 + second) * 1000 + fractionMs;
  return Number.isSafeInteger(ms) ? (sign === "-" ? -ms : ms) : null;
}

/** The timestamp to look for with ListOffsets; null for `none`. */
export function resetTimestamp(strategy: OffsetResetStrategy, nowMs: number): number | null {
  switch (strategy.kind) {
    case "earliest":
      return EARLIEST_TIMESTAMP;
    case "latest":
      return LATEST_TIMESTAMP;
    case "duration":
      return Math.max(0, nowMs - strategy.durationMs);
    case "none":
      return null;
  }
}
