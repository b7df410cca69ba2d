// Entry of kafka-e2e-latency.sh.
import { runProcess } from "../options/process-host.ts";
import { e2eLatencyTool } from "../tools/e2e-latency/e2e-latency-tool.ts";

await runProcess(e2eLatencyTool);
