// What dumping needs of its surroundings, and where its lines go. Invariant: lines are collected and written
// in order; a reader that is slow is waited for, so a dump of any size holds little.
import type { Disk, Zip } from "@ottla/ports";
import type { ToolHost } from "../../options/tool-host.ts";
import { OUTPUT_CHARACTERS } from "./limits.ts";

/** Files and decompression. `absolutePath` resolves what a user typed against the working directory. */
export interface DumpFiles {
  readonly disk: Disk;
  readonly zip: Zip;
  absolutePath(path: string): string;
}

/** Collects lines and hands them on in pieces. */
export class DumpOutput {
  readonly #host: Pick<ToolHost, "out" | "drained">;
  #text = "";

  constructor(host: Pick<ToolHost, "out" | "drained">) {
    this.#host = host;
  }

  /** Text without a line end. */
  text(text: string): void {
    this.#text += text;
  }

  line(text: string): void {
    this.#text += `${text}\n`;
  }

  /** There is enough to be flushed. */
  get isFull(): boolean {
    return this.#text.length >= OUTPUT_CHARACTERS;
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    if (text !== "") this.#host.out(text);
    await this.#host.drained();
  }
}
