// Double.toString of Java, in which Kafka's tools and JSON show fractions: always with a fraction, with an
// exponent from 10⁷ on and below 10⁻³. The digits are the shortest that give the number back.

const PLAIN_MIN = 1e-3;
const PLAIN_MAX = 1e7;

/** `2` as `2.0`, `12345678` as `1.2345678E7`, `0.0005` as `5.0E-4`. */
export function javaDouble(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const size = Math.abs(value);
  if (size >= PLAIN_MIN && size < PLAIN_MAX) return withFraction(String(value));
  if (size === Number.MIN_VALUE) return value > 0 ? "4.9E-324" : "-4.9E-324";
  const [digits, exponent] = value.toExponential().split("e");
  return `${withFraction(digits ?? "")}E${Number(exponent)}`;
}

function withFraction(text: string): string {
  return text.includes(".") ? text : `${text}.0`;
}
