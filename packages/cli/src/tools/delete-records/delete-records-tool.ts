// The kafka-delete-records command.
import { errorLine, errorMessage, JavaException, specOf } from "../../options/java-exception.ts";
import { valued } from "../../options/option.ts";
import { OptionTable } from "../../options/option-table.ts";
import { optionTool } from "../../options/option-tool.ts";
import { logLine, readSettings, readUserFile } from "../../options/tool-client.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";
import { openAdmin } from "../client-tool/open-admin.ts";
import { parseOffsetFile } from "./offset-file.ts";

const table: OptionTable = new OptionTable([
  valued("bootstrap-server", "server(s) to use for bootstrapping", "REQUIRED: the server to connect to."),
  valued(
    "offset-json-file",
    "Offset json file path",
    "REQUIRED: JSON file with the offset of each partition, up to which its records are deleted (-1: all). Like this:\n" +
      '{"partitions":\n  [{"topic": "foo", "partition": 1,\n  "offset": 1}],\n "version":1\n}',
  ),
  valued(
    "command-config",
    "command config property file path",
    "Properties file with settings of the client.",
  ),
]);

export const deleteRecordsTool: Tool = optionTool({
  about: "This tool helps to delete records of the given partitions down to the specified offset.",
  table,
  optionErrors: "trace",
  async run(given, host) {
    given.require("bootstrap-server", "offset-json-file");
    const settings = readSettings(host, given.value("command-config"));
    const records = parseOffsetFile(readOffsetFile(host, given.value("offset-json-file") ?? ""));
    const admin = await openAdmin(host, {
      ...settings,
      "bootstrap.servers": given.value("bootstrap-server") ?? "",
    });
    try {
      host.out("Executing records delete operation\n");
      const results = await admin.deleteRecords(
        new Map(records.map(({ topic, partition, offset }) => [{ topic, partition }, offset])),
      );
      host.out("Records delete operation completed:\n");
      for (const [{ topic, partition }, result] of results) {
        const failure = specOf(result);
        if (failure !== null) {
          const told = `[AdminClient clientId=${admin.clientId}] DeleteRecords request for topic partition`;
          const text = `${told} ${topic}-${partition} failed due to an unexpected error ${failure.name}`;
          logLine(host, "ERROR", text, "org.apache.kafka.clients.admin.internals.DeleteRecordsHandler");
        }
        const outcome = result instanceof Error ? `error: ${errorLine(result)}` : `low_watermark: ${result}`;
        host.out(`partition: ${topic}-${partition}\t${outcome}\n`);
      }
      return 0;
    } finally {
      await admin.close();
    }
  },
});

function readOffsetFile(host: ToolHost, path: string): string {
  try {
    return readUserFile(host, path);
  } catch (cause) {
    if (!(cause instanceof JavaException)) throw cause;
    const message = `Unable to read file ${path}`;
    throw new JavaException("java.io.IOException", message, errorMessage(cause) === message ? {} : { cause });
  }
}
