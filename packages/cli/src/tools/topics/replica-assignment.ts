// `1:2,2:3`: which brokers hold the replicas of each partition, as a command line says it.
import { parseJavaNumber } from "../../options/given-options.ts";
import { JavaException } from "../../options/java-exception.ts";

/** Brokers by partition. Throws `JavaException` with Kafka's words. */
export function parseReplicaAssignment(text: string): ReadonlyMap<number, readonly number[]> {
  const assignment = new Map<number, readonly number[]>();
  for (const [partition, list] of text.split(",").entries()) {
    const brokers = list.split(":").map((broker) => brokerId(broker.trim()));
    const twice = brokers.filter((broker, index) => brokers.indexOf(broker) !== index);
    if (twice.length > 0) {
      throw new JavaException(
        "org.apache.kafka.tools.AdminCommandFailedException",
        `Partition replica lists may not contain duplicate entries: ${[...new Set(twice)].join(",")}`,
      );
    }
    if (assignment.size > 0 && assignment.get(0)?.length !== brokers.length) {
      throw new JavaException(
        "org.apache.kafka.tools.AdminOperationException",
        `Partition ${partition} has different replication factor: [${brokers.join(", ")}]`,
      );
    }
    assignment.set(partition, brokers);
  }
  return assignment;
}

function brokerId(text: string): number {
  const id = parseJavaNumber("Integer", text);
  if (id !== null) return id;
  throw new JavaException("java.lang.NumberFormatException", `For input string: "${text}"`);
}
