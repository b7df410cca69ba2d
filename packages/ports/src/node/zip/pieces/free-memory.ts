// Memory of a piece that was looked at goes back at once: a collector that does not see how much hangs on a
// small object comes late.

/**
 * Frees what `bytes` lie in when it has `bufferBytes`: then it is no part of a pool. Nobody may look again.
 */
export function freeMemory(bytes: Uint8Array, bufferBytes: number = bytes.byteLength): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bufferBytes) buffer.transfer(0);
}
