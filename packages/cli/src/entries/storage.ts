// Entry of kafka-storage.sh.
import { runProcess } from "../options/process-host.ts";
import { storageTool } from "../storage/storage-tool.ts";

await runProcess(storageTool);
