// Topics that were asked for at the controller because a client asked about them, and whose answer is still
// out. Invariant: one request per name at a time, and never more names than the limit.
import { metadataLimits } from "../limits.ts";

/** Names whose creation is under way. */
export class AutomaticCreations {
  readonly #underWay = new Set<string>();

  /** The names to create now: those not under way, as far as there is room. */
  begin(names: Iterable<string>): string[] {
    const begun: string[] = [];
    for (const name of names) {
      if (this.#underWay.size >= metadataLimits.automaticCreationsMax) break;
      if (this.#underWay.has(name)) continue;
      this.#underWay.add(name);
      begun.push(name);
    }
    return begun;
  }

  end(names: Iterable<string>): void {
    for (const name of names) this.#underWay.delete(name);
  }
}
