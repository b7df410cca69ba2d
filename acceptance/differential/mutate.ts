// Changes one value of an answer, to prove that the comparison notices: error codes first, else the first
// number, flag or text found.
import type { Observation } from "./exchange.ts";

function changed(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "bigint") return value + 1n;
  if (typeof value === "boolean") return !value;
  return `${String(value)}~`;
}

function isLeaf(value: unknown): boolean {
  return ["number", "bigint", "boolean", "string"].includes(typeof value);
}

/** A copy in which the first leaf for which `wanted` holds is another; null when there is none. */
function withOneChange(value: unknown, field: string, wanted: (field: string) => boolean): unknown {
  if (isLeaf(value)) return wanted(field) ? { leaf: changed(value) } : null;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return null;
  const isArray = Array.isArray(value);
  for (const [name, inner] of Object.entries(value)) {
    const result = withOneChange(inner, isArray ? field : name, wanted) as { leaf: unknown } | null;
    if (result === null) continue;
    const copy: Record<string, unknown> = isArray ? ([...value] as never) : { ...value };
    copy[name] = result.leaf;
    return { leaf: copy };
  }
  return null;
}

/** The observation with one value changed. */
export function mutate(observation: Observation): Observation {
  if (observation.kind !== "answered") return { ...observation, kind: "answered", value: "changed" };
  const result = (withOneChange(observation.value, "", (field) => field === "errorCode") ??
    withOneChange(observation.value, "", () => true)) as { leaf: unknown } | null;
  return { ...observation, value: result?.leaf ?? "changed" };
}
