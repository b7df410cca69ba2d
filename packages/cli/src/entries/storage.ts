// Entry of kafka-storage.sh.
import { randomBytes } from "node:crypto";
import { createNodeDisk } from "@ottla/ports";
import { runStorageTool } from "../storage/storage-tool.ts";

process.exitCode = runStorageTool(process.argv.slice(2), {
  disk: createNodeDisk(),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  wallMs: Date.now,
  randomBytes,
});
