// Entry of kafka-cluster.sh.
import { runProcess } from "../options/process-host.ts";
import { clusterTool } from "../tools/cluster/cluster-tool.ts";

await runProcess(clusterTool);
