// The `ottla` command: the same as the kafka-*.sh tools, in plain words and with one way to say things. Exit
// codes: 0 done, 1 it failed, 2 the command line makes no sense.
import type { Admin } from "@ottla/client";
import { errorMessage, JavaException } from "../../options/java-exception.ts";
import { OptionError, UsageError } from "../../options/option-error.ts";
import { readSettings } from "../../options/tool-client.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";
import { makeAdmin } from "../client-tool/open-admin.ts";
import { checkBootstrapResolves } from "../client-tool/resolvable-bootstrap.ts";
import type { Command } from "./command.ts";
import { CommandLineError, findCommand, nearestCommand, parseCommand } from "./command-line.ts";
import { clusterCommands } from "./commands/cluster.ts";
import { groupCommands } from "./commands/groups.ts";
import { localCommands } from "./commands/local.ts";
import { logCommands } from "./commands/log.ts";
import { recordCommands } from "./commands/records.ts";
import { topicCommands } from "./commands/topics.ts";
import { candidates, clusterNames } from "./complete.ts";
import { commandHelp, overview } from "./help.ts";
import { Printer } from "./printer.ts";

const ANSWER_TIMEOUT_MS = 10_000;
const COMPLETION_TIMEOUT_MS = 2000;

const commands: readonly Command[] = [
  ...topicCommands,
  ...groupCommands,
  ...recordCommands,
  ...clusterCommands,
  ...logCommands,
  ...localCommands,
];

/** The `ottla` command. */
export const ottlaTool: Tool = async (words, host) => {
  if (words[0] === "__complete") return complete(words.slice(1), host);
  const found = findCommand(commands, words);
  if (found !== null) return runCommand(found, host);
  if (words[0] === "--version" || words[0] === "-v") return ottlaTool(["version"], host);
  const [group = ""] = words;
  const ofGroup = commands.filter(({ name }) => name.startsWith(`${group} `));
  const asksHelp = words.length === 0 || ["--help", "-h", "help"].includes(words.at(-1) ?? "");
  if (asksHelp || (words.length === 1 && ofGroup.length > 0)) {
    host.out(overview(ofGroup.length > 0 ? ofGroup : commands));
    return 0;
  }
  const nearest = nearestCommand(commands, words);
  const hint = nearest === null ? "`ottla --help` lists all" : `did you mean \`ottla ${nearest}\``;
  host.err(`ottla: there is no command ${words.slice(0, 2).join(" ")}; ${hint}\n`);
  return 2;
};

async function runCommand(
  found: NonNullable<ReturnType<typeof findCommand>>,
  host: ToolHost,
): Promise<number> {
  let admin: Admin | null = null;
  try {
    const { given, operands } = parseCommand(found);
    if (given.has("help")) {
      host.out(commandHelp(found.command));
      return 0;
    }
    const bootstrap = given.value("bootstrap-server") ?? bootstrapOf(host);
    const settings = () => ({
      ...answerTimeouts(ANSWER_TIMEOUT_MS),
      ...readSettings(host, given.value("command-config")),
      "bootstrap.servers": bootstrap,
    });
    const asksCluster = found.command.options.some(({ name }) => name === "bootstrap-server");
    if (asksCluster) await checkBootstrapResolves({ "bootstrap.servers": bootstrap }, "admin", host);
    const print = new Printer(host, given.has("json"));
    return await found.command.run({
      given,
      operands,
      host,
      print,
      bootstrap,
      settings,
      admin: () => (admin ??= makeAdmin(withoutLog(host), settings())),
    });
  } catch (error) {
    const isCommandLine =
      error instanceof CommandLineError || error instanceof OptionError || error instanceof UsageError;
    host.err(`ottla: ${plainMessage(error)}\n`);
    return isCommandLine ? 2 : 1;
  } finally {
    await (admin as Admin | null)?.close();
  }
}

/** How long people wait for an answer. */
function answerTimeouts(ms: number): Readonly<Record<string, number>> {
  return { "default.api.timeout.ms": ms, "request.timeout.ms": ms };
}

/** The client's own warnings are left out: what counts is whether the command did what it should. */
function withoutLog(host: ToolHost): ToolHost {
  return { ...host, err: () => {} };
}

/** What went wrong at the bottom: layers around it are of use only where Java's are expected. */
function plainMessage(error: unknown): string {
  if (error instanceof JavaException && error.cause !== undefined) return plainMessage(error.cause);
  const message = errorMessage(error);
  return message.startsWith("Timed out waiting for a node assignment") ? "No broker answers." : message;
}

function bootstrapOf(host: ToolHost): string {
  return host.environment.get("OTTLA_BOOTSTRAP_SERVER") ?? "localhost:9092";
}

/** Prints what may come next; a cluster that does not answer knows no names. */
async function complete(words: readonly string[], host: ToolHost): Promise<number> {
  let admin: Admin | null = null;
  const names = async (of: "topic" | "group"): Promise<readonly string[]> => {
    const settings = { ...answerTimeouts(COMPLETION_TIMEOUT_MS), "bootstrap.servers": bootstrapOf(host) };
    try {
      admin ??= makeAdmin(withoutLog(host), settings);
      return await clusterNames(admin, of);
    } catch {
      return [];
    }
  };
  for (const candidate of await candidates(commands, words, names)) host.out(`${candidate}\n`);
  await (admin as Admin | null)?.close();
  return 0;
}
