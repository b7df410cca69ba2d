// Draws what a seed decides before its run begins.
import { Xoshiro128 } from "@ottla/ports";
import type { AimedCrash, CrashPlan } from "./broker-plan.ts";

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

  aimedCrash(how: () => CrashPlan["how"], ...targets: AimedCrash["at"][]): AimedCrash | null {
    if (!this.chance(2)) return null;
    return { at: this.pick(...targets), afterCalls: this.below(60), how: how() };
  }
}
