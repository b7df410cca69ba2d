// Entry of kafka-consumer-perf-test.sh.
import { runProcess } from "../options/process-host.ts";
import { consumerPerfTool } from "../tools/consumer-perf/consumer-perf-tool.ts";

await runProcess(consumerPerfTool);
