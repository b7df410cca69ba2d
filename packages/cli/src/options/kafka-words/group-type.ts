// How tools write the type of a group, which brokers write in small letters.

/** `classic` as `Classic`. */
export function groupTypeName(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1).toLowerCase();
}
