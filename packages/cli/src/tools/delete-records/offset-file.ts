// The JSON file of kafka-delete-records: up to which offset each partition is to be emptied.
import type { TopicPartition } from "@ottla/client";
import { JavaException } from "../../options/java-exception.ts";

/** A partition and the first offset that stays; −1 is its high watermark. */
export interface RecordsToDelete extends TopicPartition {
  readonly offset: number;
}

function operationError(message: string): JavaException {
  return new JavaException("org.apache.kafka.tools.AdminOperationException", message);
}

function mappingError(message: string): JavaException {
  return new JavaException("com.fasterxml.jackson.databind.JsonMappingException", message);
}

/** What the file says, in its order. Throws Kafka's texts. */
export function parseOffsetFile(text: string): readonly RecordsToDelete[] {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw operationError("The input string is not a valid JSON");
  }
  const version = file !== null && typeof file === "object" && "version" in file ? file.version : 1;
  if (version !== 1) throw operationError(`Not supported version field value ${String(version)}`);
  if (file === null || typeof file !== "object" || !("partitions" in file)) {
    throw operationError("Missing partitions field");
  }
  if (!Array.isArray(file.partitions)) {
    throw mappingError(`Expected JSON array, received ${JSON.stringify(file.partitions)}`);
  }
  const records = file.partitions.map(recordsToDelete);
  const names = records.map(({ topic, partition }) => `${topic}-${partition}`);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) {
    throw new JavaException(
      "org.apache.kafka.tools.AdminCommandFailedException",
      `Offset json file contains duplicate topic partitions: ${[...new Set(twice)].join(",")}`,
    );
  }
  return records;
}

function recordsToDelete(entry: unknown): RecordsToDelete {
  const field = (name: string): unknown => {
    if (entry === null || typeof entry !== "object" || !Object.hasOwn(entry, name)) {
      throw mappingError(`No such field exists: \`${name}\``);
    }
    return (entry as Record<string, unknown>)[name];
  };
  const whole = (name: string): number => {
    const value = field(name);
    if (Number.isSafeInteger(value)) return value as number;
    throw mappingError(
      `Expected \`${name === "offset" ? "Long" : "Integer"}\` value, received ${JSON.stringify(value)}`,
    );
  };
  const topic = field("topic");
  if (typeof topic !== "string")
    throw mappingError(`Expected \`String\` value, received ${JSON.stringify(topic)}`);
  return { topic, partition: whole("partition"), offset: whole("offset") };
}
