// Entry of kafka-consumer-groups.sh.
import { runProcess } from "../options/process-host.ts";
import { consumerGroupsTool } from "../tools/consumer-groups/consumer-groups-tool.ts";

await runProcess(consumerGroupsTool);
