// Entry of bin/ottla.
import { runProcess } from "../options/process-host.ts";
import { ottlaTool } from "../tools/ottla/ottla-tool.ts";

await runProcess(ottlaTool);
