// The texts of `ottla --help` and of `ottla COMMAND --help`.
import { usageTable } from "../../options/layout/usage-table.ts";
import { type Command, synopsis } from "./command.ts";
import { tableOf } from "./command-line.ts";

/** What `ottla` alone prints: every command, or those of one group (`topics`). */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => synopsis(command).length));
  const lines = commands.map((command) => `  ${synopsis(command).padEnd(width)}  ${command.summary}`);
  return (
    `Usage: ottla COMMAND [OPTIONS]\n\n${lines.join("\n")}\n\n` +
    "The cluster is at --bootstrap-server, OTTLA_BOOTSTRAP_SERVER, or localhost:9092.\n" +
    "`ottla COMMAND --help` tells the options of a command; --json prints data for programs.\n"
  );
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const options = tableOf(command).options.filter(({ name }) => name !== "version");
  return `Usage: ottla ${synopsis(command)} [OPTIONS]\n\n${command.summary}\n\n${usageTable(options)}`;
}
