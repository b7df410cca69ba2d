// Draws what a seed decides before its run begins.
import { Xoshiro128 } from "@ottla/ports";
import type { AimedCrash, CrashPlan, DiskFault } from "./broker-plan.ts";

const CRASHES_MAX = 6;

/** Draws from a seed. */
export class SimDraw {
  readonly #random: Xoshiro128;

  constructor(seed: number) {
    this.#random = new Xoshiro128(seed);
  }

  below(limit: number): number {
    return this.#random.below(limit);
  }

  chance(oneIn: number): boolean {
    return this.#random.below(oneIn) === 0;
  }

  pick<Item>(...items: readonly Item[]): Item {
    return items[this.#random.below(items.length)] as Item;
  }

  /** Both ends included. */
  between(min: number, max: number): number {
    return min + this.#random.below(max - min + 1);
  }

  crashes(how: () => CrashPlan["how"]): CrashPlan[] {
    const callsMax = (): number => this.pick(2500, 1200, 600, 600, 150, 150, 40);
    return Array.from({ length: this.below(CRASHES_MAX + 1) }, () => ({
      afterCalls: this.below(callsMax()),
      how: how(),
    }));
  }

  /** Mostly so small a sync journal that its halves are used again and again; sometimes none. */
  journalSettings(): Readonly<Record<string, string>> {
    return { "ottla.sync.journal.bytes": this.pick("0", "32768", "32768", "65536", "262144") };
  }

  /** One or none. */
  aimedCrashes(how: () => CrashPlan["how"], ...targets: AimedCrash["at"][]): AimedCrash[] {
    if (!this.chance(2)) return [];
    return [{ at: this.pick(...targets), afterCalls: this.below(60), how: how() }];
  }

  /** At calls for the files of cleanings, of which there are some dozens in each. */
  cleanerCrashes(how: () => CrashPlan["how"]): AimedCrash[] {
    return Array.from({ length: this.below(4) }, () => ({
      at: "cleaner",
      afterCalls: this.below(this.pick(6, 40, 200)),
      how: how(),
    }));
  }

  /** At calls for replicas on their way, and for their renames. */
  moveCrashes(how: () => CrashPlan["how"]): AimedCrash[] {
    return Array.from({ length: this.below(4) }, () => ({
      at: "move",
      afterCalls: this.below(this.pick(10, 40, 120)),
      how: how(),
    }));
  }

  /** A failing call of the metadata log or of a cleaning. */
  wideFault(): DiskFault | null {
    const at = this.pick("metadata", "cleaner");
    const operation = this.pick("sync", "sync", "write", "rename", "syncDirectory");
    const afterCalls = this.below(at === "metadata" ? 12 : 30);
    const isLikely = this.chance(6);
    // The metadata log's names change too seldom.
    if (!isLikely || (at === "metadata" && operation !== "sync" && operation !== "write")) return null;
    return { at, operation, afterCalls };
  }
}
