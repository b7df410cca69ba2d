// Entry of kafka-broker-api-versions.sh.
import { runProcess } from "../options/process-host.ts";
import { brokerApiVersionsTool } from "../tools/broker-api-versions/broker-api-versions-tool.ts";

await runProcess(brokerApiVersionsTool);
