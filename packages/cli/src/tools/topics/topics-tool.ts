// The kafka-topics command.
import type { Admin } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { errorMessage, errorTrace } from "../../options/java-exception.ts";
import { optionTool } from "../../options/option-tool.ts";
import { logLine, readSettings } from "../../options/tool-client.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";
import { openAdmin } from "../client-tool/open-admin.ts";
import { alterTopics, deleteTopics } from "./alter-topics.ts";
import { createTopic } from "./create-topic.ts";
import { describeTopics } from "./describe-topics.ts";
import { findTopics } from "./find-topics.ts";
import { type TopicsAction, topicsActionOf, topicsTable } from "./topics-options.ts";

export const topicsTool: Tool = optionTool({
  about: "Create, delete, describe, or change a topic.",
  helpAbout: "This tool helps to create, delete, describe, or change a topic.",
  table: topicsTable,
  optionErrors: "trace",
  async run(given, host) {
    const action = topicsActionOf(given);
    const admin = await openAdmin(host, {
      ...readSettings(host, given.value("command-config")),
      "bootstrap.servers": given.value("bootstrap-server") ?? "",
    });
    try {
      await act(action, admin, given, host);
      return 0;
    } catch (error) {
      host.out(`Error while executing topic command : ${errorMessage(error)}\n`);
      logLine(host, "ERROR", errorTrace(error), "org.apache.kafka.tools.TopicCommand");
      return 1;
    } finally {
      await admin.close();
    }
  },
});

async function act(action: TopicsAction, admin: Admin, given: GivenOptions, host: ToolHost): Promise<void> {
  switch (action) {
    case "create":
      return createTopic(admin, given, host);
    case "list":
      host.out(`${(await findTopics(admin, given)).join("\n")}\n`);
      return;
    case "describe":
      return describeTopics(admin, given, host);
    case "alter":
      return alterTopics(admin, given);
    case "delete":
      return deleteTopics(admin, given);
  }
}
