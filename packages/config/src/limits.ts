// Bounds on what this package looks at. Kafka has none of these.

/** Longest value of a setting, in characters. */
export const VALUE_CHARS_MAX: number = 1024 * 1024;

/** Longer unknown keys are not compared with the known ones. */
export const COMPARED_KEY_CHARS_MAX = 120;
