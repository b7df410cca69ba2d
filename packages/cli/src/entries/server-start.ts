// Entry of kafka-server-start.sh and of `npm start`.
import { runStartCommand } from "../server/start-command.ts";

// Before anything uses the pool: fdatasync gets half of these threads, cold reads the rest.
process.env.UV_THREADPOOL_SIZE ??= "16";
await runStartCommand(process.argv.slice(2));
