// The one error an encoder throws: the caller asked for something that the chosen version has no bytes for.
// Kafka answers UNSUPPORTED_VERSION in these cases.

/** A message that cannot be written at the chosen version. */
export class EncodeError extends Error {
  override readonly name: string = "EncodeError";
}

/** A field holds a value, and this version has neither the field nor leave to drop it. */
export function unsupportedField(message: string, field: string, version: number): EncodeError {
  return new EncodeError(`${message}.${field} has a value, and version ${version} has no such field`);
}

/** Stands where a null may not be written; throws when evaluated. */
export function nullNotAllowed(message: string, field: string, version: number): never {
  throw new EncodeError(`${message}.${field} is null, and version ${version} does not allow that`);
}

/** The message has no such version. */
export function unwritableVersion(message: string, version: number): EncodeError {
  return new EncodeError(`${message} has no version ${version}`);
}
