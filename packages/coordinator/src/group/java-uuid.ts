// Random identifiers in the form of Java's UUID: member ids end with one, and tools cut them there.

/** `bytes`: 16 random bytes. Version 4, variant 2. */
export function javaUuid(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < 16; index++) {
    let byte = bytes[index] as number;
    if (index === 6) byte = (byte & 0x0f) | 0x40;
    if (index === 8) byte = (byte & 0x3f) | 0x80;
    if (index === 4 || index === 6 || index === 8 || index === 10) text += "-";
    text += byte.toString(16).padStart(2, "0");
  }
  return text;
}
