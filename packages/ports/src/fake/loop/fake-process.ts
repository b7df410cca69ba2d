// The process of a simulated node.
import type { Process } from "../../process.ts";
import { type FakeLife, NodeCrashed } from "../fake-life.ts";

const RESIDENT_BYTES = 64 * 1024 * 1024;

/** A process for one life. `halt` ends the life as a kill does, and the world remembers why. */
export function createFakeProcess(life: FakeLife): Process {
  return {
    pid: life.number,
    residentBytes: () => RESIDENT_BYTES,
    cpuSeconds: () => 0,
    openFilesMax: () => life.host.openFilesMax,
    halt(exitCode: number, reason: string): void {
      life.assertAlive();
      life.world.noteHalt({ node: life.host.name, exitCode, reason });
      life.world.crash(life.host.name, { how: "kill" });
      throw new NodeCrashed(life.host.name);
    },
  };
}
