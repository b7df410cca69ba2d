// How far long work has come: a line on standard error that rewrites itself, for people who look on while the
// output goes elsewhere. Programs and pipes never see it.
import type { ToolHost } from "../../options/tool-host.ts";

const EVERY_MS = 200;
const ERASE = "\r\u001b[K";

/** Progress of one piece of work. */
export class Progress {
  readonly #host: ToolHost;
  readonly #unit: string;
  readonly #total: number | null;
  readonly #isShown: boolean;
  #shownMs = Number.NEGATIVE_INFINITY;

  /** `total`: null when nobody knows how much it is. `besideOutput`: nothing is printed meanwhile. */
  constructor(
    host: ToolHost,
    unit: string,
    total: number | null,
    { besideOutput = false }: { readonly besideOutput?: boolean } = {},
  ) {
    this.#host = host;
    this.#unit = unit;
    this.#total = total;
    this.#isShown = host.errIsTerminal === true && (besideOutput || !host.outIsTerminal);
  }

  /** `done` of it is done. */
  report(done: number): void {
    const nowMs = this.#host.ports.clock.monotonicMs();
    if (!this.#isShown || nowMs - this.#shownMs < EVERY_MS) return;
    this.#shownMs = nowMs;
    const of = this.#total === null ? "" : ` of ${this.#total}`;
    this.#host.err(`${ERASE}${done}${of} ${this.#unit}`);
  }

  /** Leaves nothing behind. */
  end(): void {
    if (this.#isShown) this.#host.err(ERASE);
  }
}
