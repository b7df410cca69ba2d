// Numbers as Java's printf writes them.

/**
 * `%.Nf`: the number's shortest decimal form, rounded half up at `digits` fraction digits. (`toFixed` rounds
 * the binary value, which is another one at 1.005.)
 */
export function fixed(value: number, digits: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const text = String(Math.abs(value));
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [whole = "", fraction = ""] = text.split(".");
  // Beyond 10²¹ and below 10⁻⁶ the shortest form has an exponent; the former has no fraction to round.
  if (text.includes("e")) return sign + Math.abs(value).toFixed(digits);
  if (fraction.length <= digits)
    return `${sign}${whole}${digits > 0 ? "." : ""}${fraction.padEnd(digits, "0")}`;
  const kept = BigInt(whole + fraction.slice(0, digits));
  const rounded = String(kept + (fraction.charCodeAt(digits) >= 0x35 ? 1n : 0n)).padStart(digits + 1, "0");
  if (digits === 0) return sign + rounded;
  return `${sign}${rounded.slice(0, -digits)}.${rounded.slice(-digits)}`;
}
