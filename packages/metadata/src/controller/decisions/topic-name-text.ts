// Kafka's words for a bad topic name. Clients print them, so they are Kafka's to the letter.

const NAME_CHARACTERS_MAX = 249;

/** Null when the name is valid. */
export function invalidTopicNameText(name: string): string | null {
  if (name === "") return "Topic name is invalid: the empty string is not allowed";
  if (name === "." || name === "..") return `Topic name is invalid: '${name}' is not allowed`;
  if (name.length > NAME_CHARACTERS_MAX) {
    return `Topic name is invalid: the length of '${name}' is longer than the max allowed length ${NAME_CHARACTERS_MAX}`;
  }
  if (/^[a-zA-Z0-9._-]+$/.test(name)) return null;
  return (
    `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' ` +
    "and '-'"
  );
}
