// Commands of `ottla` that need no cluster: storage, the broker's own process, completion, version.
import { KAFKA_VERSION, OTTLA_VERSION } from "../../../server/versions.ts";
import type { Command } from "../command.ts";
import { completionScript, shells } from "../completion-scripts.ts";

function storage(name: string, summary: string): Command {
  return {
    name: `storage ${name}`,
    summary,
    operands: [{ name: "WORDS", isOptional: true, isRepeated: true, completes: "file" }],
    options: [],
    printsData: false,
    takesAnyWords: true,
    async run({ operands, host }) {
      // What formatting needs is a good part of a broker: loaded only when it is used.
      const { storageTool } = await import("../../../storage/storage-tool.ts");
      return storageTool([name, ...operands], host);
    },
  };
}

/** The shell script starts and stops brokers itself, so that their process is no child of this one. */
function byScript(name: string, summary: string): Command {
  return {
    name,
    summary,
    operands: [{ name: "FILE", isOptional: true, completes: "file" }],
    options: [],
    printsData: false,
    takesAnyWords: true,
    async run({ host }) {
      host.err(`bin/ottla starts and stops brokers: run it instead of the program behind it.\n`);
      return 1;
    },
  };
}

const completion: Command = {
  name: "completion",
  summary: "Print a script that completes commands, options and names: `source <(ottla completion bash)`.",
  operands: [{ name: "SHELL", completes: shells }],
  options: [],
  printsData: false,
  async run({ operands, host }) {
    const script = completionScript(operands[0] ?? "");
    if (script === null) {
      host.err(`ottla: a shell is one of ${shells.join(", ")}, not ${operands[0]}\n`);
      return 2;
    }
    host.out(script);
    return 0;
  },
};

const version: Command = {
  name: "version",
  summary: "Print the version of Ottla, and of the Apache Kafka that it behaves like.",
  operands: [],
  options: [],
  printsData: true,
  async run({ print }) {
    print.object({ ottla: OTTLA_VERSION, kafka: KAFKA_VERSION });
    return 0;
  },
};

export const localCommands: readonly Command[] = [
  byScript(
    "broker start",
    "Start a broker with a properties file, or, without one, in a directory of your own.",
  ),
  byScript("broker stop", "Stop the brokers that were started from this installation."),
  storage("format", "Prepare the log directories of a node; see `ottla storage format --help`."),
  storage("info", "Tell what the log directories of a node say of themselves."),
  storage("random-uuid", "Print a new id for a cluster."),
  completion,
  version,
];
