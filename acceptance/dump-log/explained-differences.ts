// Where our kafka-dump-log may differ from Apache Kafka's, and why. Only words about damage that a library or
// Java itself finds; what is told of records and files before it is the same.

/** A line of Apache Kafka's, and ours in its place. */
export interface ExplainedDifference {
  readonly theirs: RegExp;
  readonly ours: RegExp;
  readonly why: string;
}

const ourInvalidRecord =
  /^Exception in thread "main" org\.apache\.kafka\.common\.(?:InvalidRecordException|KafkaException|errors\.CorruptRecordException): /;

export const explainedDifferences: readonly ExplainedDifference[] = [
  {
    theirs:
      /^Exception in thread "main" org\.apache\.kafka\.common\.(?:KafkaException|InvalidRecordException): /,
    ours: ourInvalidRecord,
    why: "what is wrong with a record or a compressed body is told in our words, not in those of Java's libraries",
  },
  {
    theirs: /^Exception in thread "main" java\.lang\.IllegalArgumentException: Varint is too long/,
    ours: ourInvalidRecord,
    why: "a length that does not end is a damaged record as any other",
  },
  {
    theirs:
      /^Exception in thread "main" (?:java\.lang\.\w+|java\.nio\.\w+|java\.io\.\w+|org\.apache\.kafka\.common\.errors\.\w+)/,
    ours: ourInvalidRecord,
    why: "Java's own exceptions for bytes that are no record",
  },
  {
    theirs:
      / (?:key|payload): Error at offset \d+, skipping\. Could not read record with version -?\d+ from (?:key|value)'s buffer due to: /,
    ours: / (?:key|payload): Error at offset \d+, skipping\. Could not read record with version -?\d+ from (?:key|value)'s buffer due to: /,
    why: "why bytes of another topic cannot be decoded is told in the decoder's words",
  },
];
