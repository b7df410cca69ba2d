// The kafka-consumer-groups command. Failures of the cluster are told on standard output, with exit code 0:
// as in Kafka, only a wrong command line ends in 1.
import type { Admin } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import {
  errorMessage,
  errorTrace,
  exceptionName,
  executionFailed,
  JavaException,
} from "../../options/java-exception.ts";
import { OptionError, UsageError } from "../../options/option-error.ts";
import { optionTool } from "../../options/option-tool.ts";
import { readSettings } from "../../options/tool-client.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";
import { openAdmin } from "../client-tool/open-admin.ts";
import {
  type ConsumerGroupsAction,
  consumerGroupsActionOf,
  consumerGroupsTable,
} from "./consumer-groups-options.ts";
import { deleteGroups, deleteOffsets } from "./delete-groups.ts";
import { describeGroups } from "./describe-groups.ts";
import { runtimeFailed } from "./group-errors.ts";
import { consumerGroupIds, listGroups } from "./list-groups.ts";
import { resetOffsets } from "./reset-offsets.ts";

export const consumerGroupsTool: Tool = optionTool({
  about:
    "This tool helps to list all consumer groups, describe a consumer group, delete consumer group info, or reset " +
    "consumer group offsets.",
  table: consumerGroupsTable,
  optionErrors: "uncaught",
  async run(given, host) {
    const action = consumerGroupsActionOf(given, host);
    if (action === "validate-regex") {
      host.out(regexText(given.value("validate-regex") ?? ""));
      return 0;
    }
    const timeoutMs = given.number("timeout") ?? 0;
    const admin = await openAdmin(host, {
      ...readSettings(host, given.value("command-config")),
      "bootstrap.servers": given.value("bootstrap-server") ?? "",
    });
    try {
      await act(action, admin, given, timeoutMs, host);
    } catch (error) {
      if (error instanceof UsageError || error instanceof OptionError) throw error;
      const failure = shownFailure(error);
      host.out(`\nError: Executing consumer group command failed due to ${errorMessage(failure)}\n`);
      host.err(errorTrace(failure));
    } finally {
      await admin.close();
    }
    return 0;
  },
});

async function act(
  action: Exclude<ConsumerGroupsAction, "validate-regex">,
  admin: Admin,
  given: GivenOptions,
  timeoutMs: number,
  host: ToolHost,
): Promise<void> {
  const options = { timeoutMs };
  const groupIds = async (): Promise<readonly string[]> =>
    given.has("all-groups") ? consumerGroupIds(admin, options) : given.values("group");
  switch (action) {
    case "list":
      return listGroups(admin, given, options, host);
    case "describe": {
      const part = given.has("members") ? "members" : given.has("state") ? "state" : "offsets";
      const asked = { part, verbose: given.has("verbose"), options } as const;
      return describeGroups(admin, await groupIds(), asked, host);
    }
    case "delete":
      return deleteGroups(admin, await groupIds(), options, host);
    case "reset-offsets":
      return resetOffsets(admin, await groupIds(), given, options, host);
    case "delete-offsets":
      return deleteOffsets(admin, given.value("group") ?? "", given.values("topic"), options, host);
  }
}

/** Listing asks every broker; that none is found is told in several layers. */
function shownFailure(error: unknown): unknown {
  const message = errorMessage(error);
  if (message !== "Failed to find brokers to send ListGroups") return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : null;
  const timeout =
    cause === null ? {} : { cause: new JavaException(exceptionName(cause), errorMessage(cause)) };
  const failed = new JavaException("org.apache.kafka.common.KafkaException", message, timeout);
  return runtimeFailed(executionFailed(failed));
}

/** Whether brokers could subscribe by it. Their engine is RE2; what both engines refuse is told here. */
function regexText(regex: string): string {
  try {
    new RegExp(regex);
    return `The regular expression \`${regex}\` is valid.\n`;
  } catch (error) {
    const reason = errorMessage(error).split(": ").at(-1) ?? "";
    const isOpen = reason === "Unterminated group";
    return `The regular expression \`${regex}\` is invalid: ${isOpen ? "missing closing )" : reason}.\n`;
  }
}
