// Entry of kafka-replica-verification.sh.
import { runProcess } from "../options/process-host.ts";
import { replicaVerificationTool } from "../tools/replica-verification/replica-verification-tool.ts";

await runProcess(replicaVerificationTool);
