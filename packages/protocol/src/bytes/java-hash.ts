// String.hashCode of Java, where Kafka made it part of the protocol: it decides which partition of an
// internal topic coordinates a group, a transactional id or a share partition.

/** Signed 32-bit hash over the UTF-16 units. */
export function javaStringHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1)
    hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0;
  return hash;
}

/** The partition, of `partitionCount`, of the internal topic that holds the state of `id`. */
export function coordinatorPartition(id: string, partitionCount: number): number {
  const hash = javaStringHash(id);
  // The one value without an absolute value in 32 bits counts as zero.
  return (hash === -2147483648 ? 0 : Math.abs(hash)) % partitionCount;
}
