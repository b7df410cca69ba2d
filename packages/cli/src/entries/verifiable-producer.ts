// Entry of kafka-verifiable-producer.sh.
import { runProcess } from "../options/process-host.ts";
import { verifiableProducerTool } from "../tools/verifiable-producer/verifiable-producer-tool.ts";

await runProcess(verifiableProducerTool);
