// The snapshots of the metadata log (`<offset>-<epoch>.checkpoint`): whole batches, right checksums, and the
// footer at the end.
import { batchIsControl, batchProblem } from "@ottla/protocol";
import type { LogContext } from "../log-context.ts";
import type { Findings } from "./finding.ts";

/** Looks at those in `directory`. Throws `DiskError`. */
export function verifyMetadataSnapshots(context: LogContext, directory: string, findings: Findings): void {
  const { cursor, files, ports } = context;
  for (const name of ports.disk.list(directory)) {
    if (!/^\d{20}-\d{10}\.checkpoint$/.test(name)) continue;
    const file = files.file(`${directory}/${name}`);
    cursor.start(file, 0, file.size());
    let step = cursor.step();
    let endsWell = false;
    for (; step === "batch"; step = cursor.step()) {
      if (!cursor.loadWhole() || batchProblem(cursor.bytes, cursor.at) !== null) break;
      endsWell = batchIsControl(cursor.bytes, cursor.at);
    }
    file.close();
    if (step !== "end" || !endsWell) {
      findings.add("wrong-metadata-snapshot", file.path, "nobody", { position: cursor.position });
    }
  }
}
