// `ottla log …`: what is in the files of a broker, without a broker.
import { flag, valued } from "../../../options/option.ts";
import type { Command, CommandContext, Operand } from "../command.ts";

const where: Operand = { name: "DIR|PARTITION", isOptional: true, isRepeated: true, completes: "file" };
const config = valued(
  "config",
  "FILE",
  "Properties file of the broker: its log directories, when none is named.",
);

/** What looking needs is a part of a broker: loaded only when it is used. */
async function look(context: CommandContext, how: "verify" | "repair"): Promise<number> {
  const { runLook } = await import("../log/look-run.ts");
  return runLook(context, how);
}

const verify: Command = {
  name: "log verify",
  summary: "Read every record batch and index of log directories and tell what is wrong. Changes nothing.",
  operands: [where],
  options: [config],
  printsData: true,
  run: (context) => look(context, "verify"),
};

const repair: Command = {
  name: "log repair",
  summary: "Make again what follows from the log, and note damage. Needs a stopped broker; cuts no records.",
  operands: [where],
  options: [flag("dry-run", "Tell what would be done, and do nothing."), config],
  printsData: true,
  run: (context) => look(context, context.given.has("dry-run") ? "verify" : "repair"),
};

export const logCommands: readonly Command[] = [verify, repair];
