// Entry of kafka-delete-records.sh.
import { runProcess } from "../options/process-host.ts";
import { deleteRecordsTool } from "../tools/delete-records/delete-records-tool.ts";

await runProcess(deleteRecordsTool);
