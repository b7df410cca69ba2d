// The kafka-broker-api-versions command.
import type { Admin, ClusterNode } from "@ottla/client";
import { errorMessage, exceptionName, JavaException } from "../../options/java-exception.ts";
import { valued } from "../../options/option.ts";
import { OptionTable } from "../../options/option-table.ts";
import { optionTool } from "../../options/option-tool.ts";
import { readSettings } from "../../options/tool-client.ts";
import type { Tool } from "../../options/tool-host.ts";
import { openAdmin } from "../client-tool/open-admin.ts";
import { apiVersionsText } from "./api-versions-text.ts";

const table: OptionTable = new OptionTable([
  valued("command-config", "command config property file", "Properties file with settings of the client."),
  valued("bootstrap-server", "server(s) to use for bootstrapping", "REQUIRED: the server to connect to."),
]);

export const brokerApiVersionsTool: Tool = optionTool({
  about: "This tool helps to retrieve broker version information.",
  table,
  optionErrors: "trace",
  async run(given, host) {
    given.require("bootstrap-server");
    const settings = {
      ...readSettings(host, given.value("command-config")),
      "bootstrap.servers": given.value("bootstrap-server") ?? "",
    };
    const admin = await openAdmin(host, settings);
    try {
      const nodes = await brokers(admin, String(settings["bootstrap.servers"]));
      for (const node of nodes) {
        try {
          const { apis } = await admin.apiVersions(node.id);
          host.out(`${nodeText(node)} -> ${apiVersionsText(apis)}`);
        } catch (error) {
          host.out(`${nodeText(node)} -> ERROR: ${errorMessage(error)}\n`);
        }
      }
      return 0;
    } finally {
      await admin.close();
    }
  },
});

/** The brokers of the cluster. Throws what Kafka says where none of the given ones answers. */
async function brokers(admin: Admin, servers: string): Promise<readonly ClusterNode[]> {
  try {
    return (await admin.describeCluster()).nodes;
  } catch (cause) {
    if (!exceptionName(cause).endsWith(".TimeoutException")) throw cause;
    const asked = servers
      .split(",")
      .map((server, index) => `${server} (id: ${-1 - index} rack: null isFenced: false)`);
    const message = `Request METADATA failed on brokers [${asked.join(", ")}]`;
    throw new JavaException("java.lang.RuntimeException", message);
  }
}

function nodeText({ id, host, port, rack }: ClusterNode): string {
  return `${host}:${port} (id: ${id} rack: ${rack ?? "null"} isFenced: false)`;
}
