// Entry of kafka-get-offsets.sh.
import { runProcess } from "../options/process-host.ts";
import { getOffsetsTool } from "../tools/get-offsets/get-offsets-tool.ts";

await runProcess(getOffsetsTool);
