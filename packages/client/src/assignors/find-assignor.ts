// The assignors by the names that `partition.assignment.strategy` accepts: Kafka's Java class names, full or
// simple, and the names of the protocol.
import type { Assignor } from "./assignor.ts";
import { rangeAssignor } from "./range-assignor.ts";
import { roundRobinAssignor } from "./round-robin-assignor.ts";
import { cooperativeStickyAssignor } from "./sticky/cooperative-sticky-assignor.ts";
import { stickyAssignor } from "./sticky/sticky-assignor.ts";

const JAVA_PACKAGE = "org.apache.kafka.clients.consumer.";

const assignors: ReadonlyMap<string, Assignor> = new Map([
  ["RangeAssignor", rangeAssignor],
  ["RoundRobinAssignor", roundRobinAssignor],
  ["StickyAssignor", stickyAssignor],
  ["CooperativeStickyAssignor", cooperativeStickyAssignor],
]);

/** Null when there is none of that name. */
export function findAssignor(name: string): Assignor | null {
  const simpleName = name.startsWith(JAVA_PACKAGE) ? name.slice(JAVA_PACKAGE.length) : name;
  const byClass = assignors.get(simpleName);
  if (byClass !== undefined) return byClass;
  return [...assignors.values()].find((assignor) => assignor.name === name) ?? null;
}
