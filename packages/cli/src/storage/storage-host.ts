// What of a tool's world formatting and inspecting need. A server has it, too, which formats its own
// directory.
import type { Ports } from "@ottla/ports";
import type { ToolHost } from "../options/tool-host.ts";

/** Disk, clock, secrets and the two streams. */
export interface StorageHost extends Pick<ToolHost, "out" | "err"> {
  readonly ports: Pick<Ports, "disk" | "clock" | "crypto">;
}
