// Entry of kafka-verifiable-consumer.sh.
import { runProcess } from "../options/process-host.ts";
import { verifiableConsumerTool } from "../tools/verifiable-consumer/verifiable-consumer-tool.ts";

await runProcess(verifiableConsumerTool);
