// Entry of kafka-console-producer.sh.
import { runProcess } from "../options/process-host.ts";
import { consoleProducerTool } from "../tools/console-producer/console-producer-tool.ts";

await runProcess(consoleProducerTool);
