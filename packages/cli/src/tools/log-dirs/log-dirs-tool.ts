// The kafka-log-dirs command.
import type { LogDirDescription } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { exceptionName, executionFailed, JavaException } from "../../options/java-exception.ts";
import {
  javaHashOrder,
  javaNameOrder,
  javaPartitionHash,
} from "../../options/kafka-words/java-hash-order.ts";
import { flag, valued } from "../../options/option.ts";
import { OptionTable } from "../../options/option-table.ts";
import { optionTool } from "../../options/option-tool.ts";
import { readSettings } from "../../options/tool-client.ts";
import type { Tool } from "../../options/tool-host.ts";
import { openAdmin } from "../client-tool/open-admin.ts";

const FORMAT_VERSION = 1;

const table: OptionTable = new OptionTable([
  valued(
    "bootstrap-server",
    "The server(s) to use for bootstrapping",
    "REQUIRED: the servers to connect to.",
  ),
  {
    ...valued("broker-list", "Broker list", 'Ids of the brokers to ask, as in "0,1,2"; all when left out'),
    default: "",
  },
  valued("command-config", "Admin client property file", "Properties file with settings of the client."),
  flag("describe", "Describe the log directories of the brokers."),
  {
    ...valued("topic-list", "Topic list", 'Topics to be told, as in "topic1,topic2"; all when left out'),
    default: "",
  },
]);

export const logDirsTool: Tool = optionTool({
  about: "This tool helps to query log directory usage on the specified brokers.",
  table,
  optionErrors: "trace",
  async run(given, host) {
    given.require("bootstrap-server", "describe");
    const wanted = listOf(given, "broker-list").map(wholeNumber);
    const topics = new Set(listOf(given, "topic-list"));
    const admin = await openAdmin(host, {
      ...readSettings(host, given.value("command-config")),
      "bootstrap.servers": given.value("bootstrap-server") ?? "",
    });
    try {
      const known = (await admin.brokers()).map(({ id }) => id);
      const unknown = wanted.filter((id) => !known.includes(id));
      if (unknown.length > 0) {
        const told = `${unknown.join(",")}. Current existent brokers: ${known.join(",")}`;
        host.err(`ERROR: The given brokers do not exist from --broker-list: ${told}\n`);
        return 1;
      }
      const brokers = wanted.length === 0 ? known : [...new Set(wanted)];
      host.out("Querying brokers for log directories information\n");
      const described = await admin.describeLogDirs(brokers);
      const told = [...described].map(([broker, directories]) => {
        if (directories instanceof Error) throw executionFailed(directories);
        return { broker, logDirs: toldDirectories(directories, topics) };
      });
      host.out(`Received log directory information from brokers ${brokers.join(",")}\n`);
      host.out(`${JSON.stringify({ brokers: told, version: FORMAT_VERSION })}\n`);
      return 0;
    } finally {
      await admin.close();
    }
  },
});

function listOf(given: GivenOptions, name: string): string[] {
  return (given.value(name) ?? "").split(",").filter((entry) => entry !== "");
}

function wholeNumber(text: string): number {
  if (/^[+-]?[0-9]{1,10}$/.test(text) && Math.abs(Number(text)) <= 0x7fffffff) return Number(text);
  throw new JavaException("java.lang.NumberFormatException", `For input string: "${text}"`);
}

/** An empty set of topics: all. */
function toldDirectories(directories: readonly LogDirDescription[], topics: ReadonlySet<string>) {
  const byPath = new Map(directories.map((directory) => [directory.path, directory]));
  return javaNameOrder(byPath.keys()).map((path) => {
    const { replicas, error } = byPath.get(path) as LogDirDescription;
    const partitions = javaHashOrder(replicas, javaPartitionHash)
      .filter(({ topic }) => topics.size === 0 || topics.has(topic))
      .map(({ topic, partition, sizeBytes: size, offsetLag, isFuture }) => ({
        partition: `${topic}-${partition}`,
        size,
        offsetLag,
        isFuture,
      }));
    return { partitions, error: error === null ? null : exceptionName(error), logDir: path };
  });
}
