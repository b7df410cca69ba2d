// Entry of kafka-producer-perf-test.sh.
import { runProcess } from "../options/process-host.ts";
import { producerPerfTool } from "../tools/producer-perf/producer-perf-tool.ts";

await runProcess(producerPerfTool);
