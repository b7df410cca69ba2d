// Doubles in the text form of the Java tools, which DescribeConfigs answers carry and kafka-configs.sh
// prints. Java and JavaScript choose the same digits for every default; only the layout differs.

const DOUBLE_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?$/;

/**
 * The number a text stands for; undefined when it is none. Hexadecimal forms, NaN and infinities are refused.
 */
export function parseJavaDouble(text: string): number | undefined {
  if (!DOUBLE_TEXT.test(text)) return undefined;
  const value = Number(text.replace(/[dDfF]$/, ""));
  return Number.isFinite(value) ? value : undefined;
}

/** `0.5`, `1.0`, `2.147483647E9`: a point always, an exponent below 1e-3 and from 1e7 on. */
export function formatJavaDouble(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-3 && magnitude < 1e7)) {
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}
