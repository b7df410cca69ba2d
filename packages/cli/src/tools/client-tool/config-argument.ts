// The file of settings of a tool whose arguments have two names for it.
import type { ClientSettings } from "@ottla/client";
import { errorMessage, JavaException } from "../../options/java-exception.ts";
import { readSettings } from "../../options/tool-client.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import { ArgumentProblem, type ToolArguments } from "./argument-tool.ts";

const NOW = "--command-config";

/** The settings in the file under either name; tells of the old one. Throws `ArgumentProblem`. */
export function configArgument(given: ToolArguments, old: string, host: ToolHost): ClientSettings {
  if (given.has(old) && given.has(NOW)) {
    throw new ArgumentProblem(`Options ${old} and ${NOW} are mutually exclusive.`);
  }
  if (given.has(old)) {
    host.out(
      `Option ${old} has been deprecated and will be removed in a future version. Use ${NOW} instead.\n`,
    );
  }
  try {
    return readSettings(host, given.value(NOW) ?? given.value(old));
  } catch (error) {
    if (error instanceof JavaException) throw new ArgumentProblem(errorMessage(error));
    throw error;
  }
}
