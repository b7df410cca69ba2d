// The kafka-configs command.
import type { GivenOptions } from "../../options/given-options.ts";
import { errorTrace, exceptionName, executionFailed, specOf } from "../../options/java-exception.ts";
import { notServed } from "../../options/kafka-words/not-served.ts";
import { UsageError } from "../../options/option-error.ts";
import { optionTool } from "../../options/option-tool.ts";
import { readSettings } from "../../options/tool-client.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";
import { openAdmin } from "../client-tool/open-admin.ts";
import { addedConfigs, deletedConfigs } from "./added-configs.ts";
import { alterConfigs } from "./alter-configs.ts";
import { type AskedEntities, askedEntities } from "./asked-entities.ts";
import { configsTable } from "./configs-options.ts";
import { describeResources } from "./describe-resources.ts";

/** Failures that show their message alone: the command line is wrong, not the cluster. */
const plainFailures: ReadonlySet<string> = new Set([
  "java.lang.IllegalArgumentException",
  "org.apache.kafka.common.errors.InvalidConfigurationException",
]);

/** The kafka-configs command. */
export const configsTool: Tool = (words, host) =>
  optionTool({
    about:
      "This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, " +
      "client-metrics or group",
    table: configsTable,
    optionErrors: "message",
    run: async (given) => {
      try {
        const asked = askedEntities(given);
        await act(asked, given, host);
        return 0;
      } catch (error) {
        if (error instanceof UsageError || plainFailures.has(exceptionName(error))) throw error;
        host.err(`Error while executing config command with args '${words.join(" ")}'\n`);
        host.err(errorTrace(specOf(error) === null ? error : executionFailed(error)));
        return 1;
      }
    },
  })(words, host);

async function act(asked: AskedEntities, given: GivenOptions, host: ToolHost): Promise<void> {
  const servers = given.value("bootstrap-server");
  const where: Readonly<Record<string, string>> =
    servers === null
      ? { "bootstrap.controllers": given.value("bootstrap-controller") ?? "" }
      : { "bootstrap.servers": servers };
  const settings = { ...readSettings(host, given.value("command-config")), ...where };
  const admin = await openAdmin(host, settings);
  try {
    if (given.has("alter")) {
      const changes = { added: addedConfigs(given, host), deleted: deletedConfigs(given) };
      await alterConfigs(admin, asked, changes, host);
      return;
    }
    const [type] = asked.types;
    if (type === "users" || type === "clients" || type === "ips") {
      throw executionFailed(notServed("DESCRIBE_CLIENT_QUOTAS"));
    }
    await describeResources(admin, type, { name: asked.names[0] ?? null, all: given.has("all") }, host);
  } finally {
    await admin.close();
  }
}
