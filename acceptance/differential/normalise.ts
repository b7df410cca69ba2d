// Makes the answers of two peers comparable: symbols for what is the peer's own, arrays without an order of
// their own keyed by name, record bytes taken apart. Everything else stays as decoded. Not here: differences
// that are allowed (allowed-differences.ts).
import { describeBatches } from "./describe-batches.ts";
import type { Peer } from "./peers.ts";
import { isClockReading } from "./symbols.ts";

/**
 * Arrays whose order neither the protocol nor Apache Kafka promises, and the field that names an element, or
 * fields together.
 */
const keyedArrays: ReadonlyMap<string, readonly string[]> = new Map([
  ["apiKeys", ["apiKey"]],
  ["supportedFeatures", ["name"]],
  ["finalizedFeatures", ["name"]],
  ["configs", ["name"]],
  ["brokers", ["nodeId", "brokerId"]],
  ["topics", ["name", "topic", "topicId"]],
  ["results", ["name", "resourceName", "logDir", "groupId", "topicName"]],
  ["responses", ["name", "topic", "topicId", "resourceName"]],
  ["partitions", ["partitionIndex", "partition"]],
  ["partitionResponses", ["index"]],
  ["members", ["memberId", "groupInstanceId"]],
  ["groups", ["groupId"]],
  ["replicaElectionResults", ["topic"]],
  ["configResources", ["resourceType+resourceName"]],
]);

type Rule = (value: unknown, peer: Peer) => unknown;

const topicIdRule: Rule = (value, peer) => peer.symbols.topicId(String(value));
const portRule: Rule = (value, peer) => {
  if (value === peer.port) return "<port>";
  return value === peer.controllerPort ? "<controller port>" : value;
};
const clockRule: Rule = (value) =>
  typeof value === "bigint" && isClockReading(value) ? "<clock reading>" : value;
const memberRule: Rule = (value, peer) => (typeof value === "string" ? peer.symbols.member(value) : value);
const epochRule: Rule = (value) => (typeof value === "bigint" && value >= 0n ? "<not negative>" : value);

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["topicId", topicIdRule],
  ["port", portRule],
  ["sessionId", (value, peer) => peer.symbols.session(value as number)],
  ["producerId", (value, peer) => peer.symbols.producer(value as bigint)],
  ["timestamp", clockRule],
  ["logAppendTimeMs", clockRule],
  ["memberId", memberRule],
  ["leader", memberRule],
  ["finalizedFeaturesEpoch", epochRule],
  ["brokerEpoch", epochRule],
  ["producerIdStart", epochRule],
  // Both peers share a file system that others fill.
  ["totalBytes", epochRule],
  ["usableBytes", epochRule],
]);

function learn(object: Readonly<Record<string, unknown>>, peer: Peer): void {
  const { name, topicId } = object;
  if (typeof name === "string" && name !== "" && typeof topicId === "string")
    peer.symbols.learnTopic(name, topicId as never);
}

/** By the first of the fields, or joined fields, that says something. */
function nameOf(element: Readonly<Record<string, unknown>>, fields: readonly string[]): string {
  for (const field of fields) {
    const texts = field.split("+").map((part) => element[part] as string | number | null | undefined);
    const name = texts.map((text) => text ?? "").join(" ");
    if (name !== "") return name;
  }
  return "(unnamed)";
}

/** Elements by name; the second of one name is `name#2`, so that duplicates are compared too. */
function keyed(elements: readonly unknown[], fields: readonly string[]): Record<string, unknown> | null {
  const result: [string, unknown][] = [];
  const seen = new Map<string, number>();
  for (const element of elements) {
    if (typeof element !== "object" || element === null) return null;
    const named = element as Record<string, unknown>;
    const name = nameOf(named, fields);
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    result.push([times === 1 ? name : `${name}#${times}`, element]);
  }
  // Names are a user's: no prototype.
  const byName: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, element] of result) byName[name] = element;
  return byName;
}

/** The comparable form of a decoded answer of this peer. */
export function normalise(value: unknown, peer: Peer, field = ""): unknown {
  if (value === null || value === undefined) return value ?? null;
  const rule = rules.get(field);
  if (rule !== undefined) return rule(value, peer);
  if (value instanceof Uint8Array) {
    return field === "records" ? describeBatches(value, peer.symbols) : Buffer.from(value).toString("hex");
  }
  if (typeof value === "string") return peer.symbols.text(value);
  if (Array.isArray(value)) {
    const elements = value.map((element) => normalise(element, peer));
    const fields = keyedArrays.get(field);
    return fields === undefined ? elements : (keyed(elements, fields) ?? elements);
  }
  if (typeof value !== "object") return value;
  learn(value as Record<string, unknown>, peer);
  const result: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) result[name] = normalise(inner, peer, name);
  return result;
}
