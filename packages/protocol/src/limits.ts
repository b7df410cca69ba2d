// Limits of decoding and encoding. A decoder checks every count and length against what remains and against
// these, before it allocates.

/** Array elements one message may hold over all its arrays; a budget per Reader. */
export const DECODED_OBJECTS_MAX = 1_000_000;

/** Unknown tagged fields kept per structure; further ones are skipped. */
export const UNKNOWN_TAGS_MAX = 16;

/** Length of a string on the wire in bytes, also where the compact form could hold more (as Apache Kafka). */
export const STRING_BYTES_MAX = 0x7fff;

/** Byte fields above this many bytes are handed to the socket by reference instead of being copied. */
export const COPIED_BYTES_MAX = 1024;

/**
 * Input below this many bytes is summed in JavaScript: the call into native code costs more than it saves.
 */
export const CRC_IN_SCRIPT_BYTES_MAX = 256;

/** Length of a topic name: a directory name needs room for "-<partition>" and a suffix. */
export const TOPIC_NAME_CHARACTERS_MAX = 249;
