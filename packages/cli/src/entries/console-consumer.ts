// Entry of kafka-console-consumer.sh.
import { runProcess } from "../options/process-host.ts";
import { consoleConsumerTool } from "../tools/console-consumer/console-consumer-tool.ts";

await runProcess(consoleConsumerTool);
