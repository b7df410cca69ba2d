// Entry of kafka-groups.sh.
import { runProcess } from "../options/process-host.ts";
import { groupsTool } from "../tools/groups/groups-tool.ts";

await runProcess(groupsTool);
