// Entry of kafka-log-dirs.sh.
import { runProcess } from "../options/process-host.ts";
import { logDirsTool } from "../tools/log-dirs/log-dirs-tool.ts";

await runProcess(logDirsTool);
