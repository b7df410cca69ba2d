// Entry of kafka-configs.sh.
import { runProcess } from "../options/process-host.ts";
import { configsTool } from "../tools/configs/configs-tool.ts";

await runProcess(configsTool);
