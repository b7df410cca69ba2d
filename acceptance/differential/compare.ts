// Structural comparison of two normalised answers: the paths at which they differ. Knows nothing of APIs.

/** One place where two answers differ. */
export interface Difference {
  readonly path: string;
  readonly kafka: unknown;
  readonly ottla: unknown;
}

/** Stands for a field or an element that one side lacks. */
export const absent = "(absent)";

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function compareArrays(
  path: string,
  kafka: readonly unknown[],
  ottla: readonly unknown[],
  found: Difference[],
): void {
  for (let index = 0; index < Math.max(kafka.length, ottla.length); index++) {
    const left = index < kafka.length ? kafka[index] : absent;
    const right = index < ottla.length ? ottla[index] : absent;
    compareInto(`${path}[${index}]`, left, right, found);
  }
}

function compareInto(path: string, kafka: unknown, ottla: unknown, found: Difference[]): void {
  if (Object.is(kafka, ottla)) return;
  if (Array.isArray(kafka) && Array.isArray(ottla)) {
    compareArrays(path, kafka, ottla, found);
  } else if (isObject(kafka) && isObject(ottla)) {
    for (const name of new Set([...Object.keys(kafka), ...Object.keys(ottla)])) {
      const left = Object.hasOwn(kafka, name) ? kafka[name] : absent;
      const right = Object.hasOwn(ottla, name) ? ottla[name] : absent;
      compareInto(path === "" ? name : `${path}.${name}`, left, right, found);
    }
  } else {
    found.push({ path, kafka, ottla });
  }
}

/** Every difference, in the order of the fields. */
export function compare(kafka: unknown, ottla: unknown): Difference[] {
  const found: Difference[] = [];
  compareInto("", kafka, ottla, found);
  return found;
}

/** One line for a value of an answer. */
export function printed(value: unknown, charactersMax: number): string {
  const text =
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner)) ??
    "undefined";
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}…`;
}
