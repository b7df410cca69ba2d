// Entry of kafka-dump-log.sh.
import { runProcess } from "../options/process-host.ts";
import { dumpLogTool } from "../tools/dump-log/dump-log-tool.ts";

await runProcess(dumpLogTool);
