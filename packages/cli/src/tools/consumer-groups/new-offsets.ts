// New offsets for one group without active members: computed, and committed when that is asked for. Order of
// partitions is that of Kafka's maps.
import { type Admin, type CallOptions, offsetSpecs, type TopicPartition } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { executionFailed } from "../../options/java-exception.ts";
import { javaHashOrder, javaPartitionHash } from "../../options/kafka-words/java-hash-order.ts";
import { UsageError } from "../../options/option-error.ts";
import { logLine, readUserFile } from "../../options/tool-client.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import { missingScenario } from "./consumer-groups-options.ts";
import {
  committedOffsets,
  endOffsets,
  type FoundOffsets,
  logOffsets,
  startOffsets,
} from "./group-offsets.ts";
import { parseResetFile } from "./reset-file.ts";
import { existingPartitions } from "./reset-scope.ts";
import { parseDateTime, parseDuration } from "./reset-time.ts";

const LOGGER = "org.apache.kafka.tools.OffsetsUtils";

/** What a reset is done with. Options are those of kafka-consumer-groups. */
export interface Reset {
  readonly admin: Admin;
  readonly given: GivenOptions;
  /** All groups of the reset: lines of a file need not name the only one. */
  readonly groupIds: readonly string[];
  readonly options: CallOptions;
  readonly host: ToolHost;
}

/** A partition and its new offset. */
export interface NewOffset extends TopicPartition {
  readonly offset: number;
}

/** The new offsets of a group; committed with --execute. */
export async function resetGroup(reset: Reset, groupId: string): Promise<readonly NewOffset[]> {
  const { admin, given, options } = reset;
  const partitions = await partitionsToReset(reset, groupId);
  const offsets = await newOffsets(reset, groupId, partitions);
  const ordered = javaHashOrder(offsets, javaPartitionHash);
  if (given.has("execute") && ordered.length > 0) {
    const commits = ordered.map(
      ({ topic, partition, offset }) => [{ topic, partition }, { offset }] as const,
    );
    const results = await admin.alterConsumerGroupOffsets(groupId, commits, options);
    for (const [, error] of results) if (error !== null) throw executionFailed(error);
  }
  return ordered;
}

async function partitionsToReset(reset: Reset, groupId: string): Promise<readonly TopicPartition[]> {
  const { admin, given, options } = reset;
  if (given.has("all-topics")) {
    const committed = await committedOffsets(admin, groupId, options);
    return committed.keys().filter((partition) => committed.get(partition) !== null);
  }
  if (given.has("topic")) return existingPartitions(admin, given.values("topic"), options);
  if (given.has("from-file")) return [];
  throw new UsageError("One of the reset scopes should be defined: --all-topics, --topic.");
}

async function newOffsets(
  reset: Reset,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<readonly NewOffset[]> {
  const { admin, given, groupIds, options, host } = reset;
  const toOffset = given.number("to-offset");
  if (toOffset !== null)
    return withinLog(
      reset,
      partitions.map((partition) => ({ ...partition, offset: toOffset })),
    );
  if (given.has("to-earliest")) return atLogOffsets(reset, partitions, offsetSpecs.earliest);
  if (given.has("to-latest")) return atLogOffsets(reset, partitions, offsetSpecs.latest);
  if (given.has("shift-by")) return shifted(reset, groupId, partitions);
  const dateTime = given.value("to-datetime");
  if (dateTime !== null) return atTime(reset, partitions, parseDateTime(dateTime));
  const duration = given.value("by-duration");
  if (duration !== null)
    return atTime(reset, partitions, host.ports.clock.wallMs() - parseDuration(duration));
  const file = given.value("from-file");
  if (file !== null) {
    const plan = parseResetFile(readUserFile(host, file), groupIds.length === 1 ? groupId : null);
    const own = plan.filter((line) => line.groupId === groupId);
    if (own.length === 0) host.out(`\nError: No reset plan for group ${groupId} found\n`);
    return withinLog(
      reset,
      own.map(({ topic, partition, offset }) => ({ topic, partition, offset })),
    );
  }
  if (!given.has("to-current")) throw missingScenario();
  const committed = await committedOffsets(admin, groupId, options);
  const ends = await endOffsets(admin, partitions, options);
  return partitions.map((partition) => ({
    ...partition,
    offset: committed.get(partition)?.offset ?? offsetOf(ends, partition),
  }));
}

function offsetOf(offsets: FoundOffsets, { topic, partition }: TopicPartition): number {
  const offset = offsets.get(`${topic}-${partition}`);
  if (offset !== undefined) return offset;
  throw new UsageError(`Error getting ending offset of topic partition: ${topic}-${partition}`);
}

async function atLogOffsets(
  { admin, options }: Reset,
  partitions: readonly TopicPartition[],
  spec: number,
): Promise<readonly NewOffset[]> {
  const offsets = await logOffsets(admin, partitions, spec, options);
  return partitions.map((partition) => ({ ...partition, offset: offsetOf(offsets, partition) }));
}

async function shifted(
  reset: Reset,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<readonly NewOffset[]> {
  const by = reset.given.number("shift-by") ?? 0;
  const committed = await committedOffsets(reset.admin, groupId, reset.options);
  const wanted = partitions.map((partition) => {
    const current = committed.get(partition);
    if (current !== undefined && current !== null) return { ...partition, offset: current.offset + by };
    const name = `${partition.topic}-${partition.partition}`;
    throw new UsageError(
      `Cannot shift offset for partition ${name} since there is no current committed offset`,
    );
  });
  return withinLog(reset, wanted);
}

/** Offsets of a time; the end where nothing is that young. */
async function atTime(
  reset: Reset,
  partitions: readonly TopicPartition[],
  timeMs: number,
): Promise<readonly NewOffset[]> {
  const { admin, options, host } = reset;
  const found = await logOffsets(admin, partitions, Math.max(0, timeMs), options);
  const isFound = ({ topic, partition }: TopicPartition): boolean => found.has(`${topic}-${partition}`);
  const young = partitions.filter((partition) => !isFound(partition));
  for (const { topic, partition } of javaHashOrder(young, javaPartitionHash)) {
    host.out(
      `\nWarn: Partition ${partition} from topic ${topic} is empty. Falling back to latest known offset.\n`,
    );
  }
  const ends = young.length === 0 ? new Map() : await endOffsets(admin, young, options);
  return partitions.map((partition) => ({
    ...partition,
    offset: offsetOf(isFound(partition) ? found : ends, partition),
  }));
}

/** Offsets outside the log become its ends, with a warning. */
async function withinLog(reset: Reset, wanted: readonly NewOffset[]): Promise<readonly NewOffset[]> {
  const { admin, options, host } = reset;
  if (wanted.length === 0) return [];
  const starts = await startOffsets(admin, wanted, options);
  const ends = await endOffsets(admin, wanted, options);
  const byPartition = new Map(
    javaHashOrder(wanted, javaPartitionHash).map(({ topic, partition, offset }) => {
      const name = `${topic}-${partition}`;
      const [start, end] = [starts.get(name) ?? 0, ends.get(name) ?? Number.MAX_SAFE_INTEGER];
      const bound = offset > end ? end : offset < start ? start : offset;
      if (bound !== offset) {
        const how = offset > end ? "higher than latest" : "lower than earliest";
        const text = `New offset (${offset}) is ${how} offset for topic partition ${name}. Value will be set to ${bound}`;
        logLine(host, "WARN", text, LOGGER);
      }
      return [name, bound] as const;
    }),
  );
  return wanted.map((each) => ({ ...each, offset: offsetOf(byPartition, each) }));
}
