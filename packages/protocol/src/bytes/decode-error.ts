// The one error a decoder throws. It means that the bytes are not what the schema promises: the peer's fault,
// never ours.

/** Bytes that do not decode: too short, a length or count out of range, an unknown version. */
export class DecodeError extends Error {
  override readonly name: string = "DecodeError";
}

/** The message has no such version. */
export function unsupportedVersion(message: string, version: number): DecodeError {
  return new DecodeError(`${message} has no version ${version}`);
}

/** A tagged field that this version does not have, though a later one does. */
export function unexpectedTag(message: string, tag: number, version: number): DecodeError {
  return new DecodeError(`${message} version ${version} has no tag ${tag}`);
}
