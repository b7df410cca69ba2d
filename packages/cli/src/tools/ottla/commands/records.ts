// `ottla produce` and `ottla consume`: records from standard input and to standard output.
import { flag, valued } from "../../../options/option.ts";
import { consoleProducerTool } from "../../console-producer/console-producer-tool.ts";
import type { Command, Operand } from "../command.ts";
import { clusterOptions } from "../command.ts";
import { ConsumeRun } from "../consume-run.ts";

const topic: Operand = { name: "TOPIC", completes: "topic" };

const produce: Command = {
  name: "produce",
  summary: "Send each line of standard input as a record.",
  operands: [topic],
  options: [
    valued(
      "key-separator",
      "TEXT",
      "What stands between key and value in a line; without it lines have no key.",
    ),
    valued("property", "NAME=VALUE", "A setting of the producer; may be repeated."),
    ...clusterOptions,
  ],
  printsData: false,
  run({ given, operands, host, bootstrap }) {
    const words = ["--bootstrap-server", bootstrap, "--topic", operands[0] ?? ""];
    const separator = given.value("key-separator");
    if (separator !== null) {
      words.push("--reader-property", "parse.key=true", "--reader-property", `key.separator=${separator}`);
    }
    for (const property of given.values("property")) words.push("--command-property", property);
    const config = given.value("command-config");
    if (config !== null) words.push("--command-config", config);
    return consoleProducerTool(words, host);
  },
};

const consume: Command = {
  name: "consume",
  summary: "Print the records of topics as they come, until Ctrl-C or what an option says.",
  operands: [{ ...topic, isRepeated: true }],
  options: [
    flag("from-beginning", "Begin with the oldest record, not with the next one."),
    valued("group", "GROUP", "Read as a member of this group, and commit what was read."),
    { ...valued("max-records", "COUNT", "End after so many records."), type: "Long" },
    flag("until-end", "End once everything that is there now was read."),
    flag("keys", "Print keys, too, with a tab behind them."),
    ...clusterOptions,
  ],
  printsData: true,
  run: (context) => new ConsumeRun(context).run(),
};

export const recordCommands: readonly Command[] = [produce, consume];
