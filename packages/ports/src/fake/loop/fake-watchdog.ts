// The watchdog of a simulated node. Its looks are events of the node, so that they wait while the node is
// paused, as the real thread stands still with its process; a loop that no longer beats ends the life as a
// kill does.
import type { Watchdog, WatchOptions } from "../../watchdog.ts";
import type { FakeEvent } from "../event-queue.ts";
import type { FakeLife } from "../fake-life.ts";
import { WATCHDOG_LOOKS } from "../limits.ts";

const exitCode = 137;

/** The watchdog of one life. */
export class FakeWatchdog implements Watchdog {
  readonly #life: FakeLife;
  #look: FakeEvent | null = null;
  #silentLooks = 0;
  longestSilenceMs = 0;

  constructor(life: FakeLife) {
    this.#life = life;
  }

  get isWatching(): boolean {
    return this.#look !== null;
  }

  watch(options: WatchOptions): void {
    if (this.#look !== null) return;
    this.#silentLooks = 0;
    this.#lookLater(options);
  }

  beat(): void {
    this.#silentLooks = 0;
  }

  stop(): void {
    if (this.#look !== null) this.#look.isCancelled = true;
    this.#look = null;
  }

  #lookLater(options: WatchOptions): void {
    const lookMs = options.silenceMsMax / WATCHDOG_LOOKS;
    this.#look = this.#life.schedule("watchdog", Math.ceil(lookMs * 1000), () => {
      this.#silentLooks += 1;
      // Of the first look it is not known how much of it was silent.
      this.longestSilenceMs = Math.max(this.longestSilenceMs, (this.#silentLooks - 1) * lookMs);
      if (this.#silentLooks <= WATCHDOG_LOOKS) {
        this.#lookLater(options);
        return;
      }
      const { world, host } = this.#life;
      world.noteHalt({ node: host.name, exitCode, reason: options.lastWords });
      world.crash(host.name, { how: "kill" });
    });
  }
}
