// Entry of kafka-topics.sh.
import { runProcess } from "../options/process-host.ts";
import { topicsTool } from "../tools/topics/topics-tool.ts";

await runProcess(topicsTool);
