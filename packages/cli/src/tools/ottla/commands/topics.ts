// `ottla topics …`.
import {
  alterConfigOperations,
  configResourceTypes,
  offsetSpecs,
  type TopicDescription,
} from "@ottla/client";
import { illegalArgument } from "../../../options/java-exception.ts";
import { flag, valued } from "../../../options/option.ts";
import type { Command, CommandContext, Operand } from "../command.ts";
import { clusterOptions } from "../command.ts";
import type { Done } from "../printer.ts";

const topic: Operand = { name: "TOPIC", completes: "topic" };
const topicsOperand: Operand = { ...topic, isRepeated: true };

function throwFirst(results: ReadonlyMap<unknown, unknown>): void {
  for (const result of results.values()) if (result instanceof Error) throw result;
}

async function described(
  context: CommandContext,
  names: readonly string[],
): Promise<readonly TopicDescription[]> {
  const found = await context.admin().describeTopics({ names });
  return [...found].map(([name, description]) => {
    if (!(description instanceof Error)) return description;
    throw new Error(
      description.name === "UNKNOWN_TOPIC_OR_PARTITION"
        ? `There is no topic ${name}.`
        : `${name}: ${description.message}`,
    );
  });
}

const list: Command = {
  name: "topics list",
  summary: "List topics.",
  operands: [],
  options: [flag("internal", "List internal topics, too."), ...clusterOptions],
  printsData: true,
  async run(context) {
    const listings = await context.admin().listTopics({ includeInternal: context.given.has("internal") });
    const names = listings.map(({ name }) => name).toSorted();
    const rows = (await described(context, names)).map((each) => ({
      topic: each.name,
      partitions: each.partitions.length,
      replicas: each.partitions[0]?.replicas.length ?? 0,
      internal: each.isInternal,
    }));
    context.print.rows(
      ["topic", "partitions", "replicas"],
      rows.toSorted((a, b) => (a.topic < b.topic ? -1 : 1)),
    );
    return 0;
  },
};

const create: Command = {
  name: "topics create",
  summary: "Create topics.",
  operands: [topicsOperand],
  options: [
    {
      ...valued("partitions", "COUNT", "How many partitions; the cluster's default when left out."),
      type: "Integer",
    },
    {
      ...valued("replicas", "COUNT", "How many replicas of each; the cluster's default when left out."),
      type: "Integer",
    },
    valued("config", "NAME=VALUE", "A setting; may be repeated."),
    flag("if-not-exists", "Do nothing when the topic is there already."),
    ...clusterOptions,
  ],
  printsData: true,
  async run(context) {
    const { given, operands, print } = context;
    const configs = new Map(given.values("config").map(nameAndValue));
    const created = await context.admin().createTopics(
      operands.map((name) => ({
        name,
        numPartitions: given.number("partitions") ?? -1,
        replicationFactor: given.number("replicas") ?? -1,
        configs,
      })),
    );
    const results = [...created].map(([name, result]): Done => {
      const isThere =
        result instanceof Error && result.name === "TOPIC_ALREADY_EXISTS" && given.has("if-not-exists");
      if (result instanceof Error && !isThere) throw result;
      const sentence = isThere ? `${name} is there already.` : `Created ${name}.`;
      return { sentence, result: { topic: name, created: !isThere } };
    });
    print.done(results);
    return 0;
  },
};

const describe: Command = {
  name: "topics describe",
  summary: "Show the partitions of topics: leaders, replicas, offsets.",
  operands: [topicsOperand],
  options: clusterOptions,
  printsData: true,
  async run(context) {
    const topics = await described(context, context.operands);
    const partitions = topics.flatMap(({ name, partitions: each }) =>
      each.map(({ partition }) => ({ topic: name, partition })),
    );
    const admin = context.admin();
    const offsetsOf = (spec: number): ReturnType<typeof admin.listOffsets> =>
      admin.listOffsets(partitions.map((partition) => [partition, spec] as const));
    const [starts, ends] = [await offsetsOf(offsetSpecs.earliest), await offsetsOf(offsetSpecs.latest)];
    const offset = (offsets: typeof starts, name: string, partition: number): number | null => {
      const found = offsets.get({ topic: name, partition });
      return found === undefined || found instanceof Error ? null : found.offset;
    };
    const rows = topics.flatMap(({ name, topicId, partitions: each }) =>
      each
        .toSorted((a, b) => a.partition - b.partition)
        .map(({ partition, leader, replicas, isr }) => ({
          topic: name,
          topicId,
          partition,
          leader: leader?.id ?? null,
          replicas: replicas.map(({ id }) => id),
          isr: isr.map(({ id }) => id),
          start: offset(starts, name, partition),
          end: offset(ends, name, partition),
        })),
    );
    context.print.rows(["topic", "partition", "leader", "replicas", "isr", "start", "end"], rows);
    return 0;
  },
};

const grow: Command = {
  name: "topics grow",
  summary: "Give a topic more partitions. Keys may then go to other partitions than before.",
  operands: [topic],
  options: [
    { ...valued("partitions", "COUNT", "How many the topic is to have."), type: "Integer", isRequired: true },
    ...clusterOptions,
  ],
  printsData: true,
  async run({ given, operands, admin, print }) {
    const [name = ""] = operands;
    const totalCount = given.number("partitions") ?? 0;
    throwFirst(await admin().createPartitions(new Map([[name, { totalCount }]])));
    const result = { topic: name, partitions: totalCount };
    print.done([{ sentence: `${name} has ${totalCount} partitions.`, result }]);
    return 0;
  },
};

const remove: Command = {
  name: "topics delete",
  summary: "Delete topics with all their records.",
  operands: [topicsOperand],
  options: [flag("if-exists", "Do nothing when there is no such topic."), ...clusterOptions],
  printsData: true,
  async run({ given, operands, admin, print }) {
    const deleted = await admin().deleteTopics({ names: operands });
    const results = [...deleted].map(([name, error]): Done => {
      const isGone = error?.name === "UNKNOWN_TOPIC_OR_PARTITION" && given.has("if-exists");
      if (error !== null && !isGone) throw error;
      const sentence = isGone ? `There is no ${name}.` : `Deleted ${name}.`;
      return { sentence, result: { topic: name, deleted: !isGone } };
    });
    print.done(results);
    return 0;
  },
};

const empty: Command = {
  name: "topics empty",
  summary: "Delete all records of a topic, or those before an offset of one partition.",
  operands: [topic],
  options: [
    { ...valued("partition", "NUMBER", "Only this partition."), type: "Integer" },
    { ...valued("before", "OFFSET", "Only records before this offset."), type: "Long" },
    ...clusterOptions,
  ],
  printsData: true,
  async run(context) {
    const { given, operands, print } = context;
    const only = given.number("partition");
    const before = given.number("before");
    if (before !== null && only === null) throw illegalArgument("--before needs --partition");
    const [description] = await described(context, operands);
    const partitions = description?.partitions.map(({ partition }) => partition) ?? [];
    const asked = only === null ? partitions : [only];
    const results = await context
      .admin()
      .deleteRecords(
        asked.map((partition) => [{ topic: operands[0] ?? "", partition }, before ?? -1] as const),
      );
    const rows = Array.from(iterate(results), (each) => each).map(([{ topic: name, partition }, result]) => {
      if (result instanceof Error) throw result;
      return { topic: name, partition, start: result };
    });
    print.rows(["topic", "partition", "start"], rows);
    return 0;
  },
};

function iterate<Item>(items: { [Symbol.iterator](): Iterator<Item> }): Iterable<Item> {
  return items;
}

function nameAndValue(pair: string): [string, string] {
  const at = pair.indexOf("=");
  if (at <= 0) throw illegalArgument(`A setting is NAME=VALUE, not ${pair}`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

const showConfigs: Command = {
  name: "topics config",
  summary: "Show the settings of a topic, or change them: NAME=VALUE sets one, NAME= takes it back.",
  operands: [topic, { name: "NAME=VALUE", isOptional: true, isRepeated: true }],
  options: [flag("all", "Show every setting, also those that nobody set."), ...clusterOptions],
  printsData: true,
  async run({ given, operands, admin, print }) {
    const [name = "", ...pairs] = operands;
    const resource = { type: configResourceTypes.topic, name };
    const changes = pairs.map(nameAndValue).map(([config, value]) => ({
      name: config,
      value: value === "" ? null : value,
      operation: value === "" ? alterConfigOperations.delete : alterConfigOperations.set,
    }));
    if (changes.length > 0) throwFirst(await admin().incrementalAlterConfigs(new Map([[resource, changes]])));
    const [entries] = (await admin().describeConfigs([resource])).values();
    if (entries === undefined || entries instanceof Error)
      throw entries ?? new Error(`no answer for ${name}`);
    const shown = entries.filter(({ isDefault }) => given.has("all") || !isDefault);
    print.rows(
      ["name", "value"],
      shown
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((entry) => ({
          name: entry.name,
          value: entry.value,
          default: entry.isDefault,
        })),
    );
    return 0;
  },
};

export const topicCommands: readonly Command[] = [list, create, describe, grow, showConfigs, empty, remove];
