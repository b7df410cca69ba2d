// Steps that held the event loop for longer than a step may, by what they did: how many, and the worst.
import { stepMsMax } from "./step-limit.ts";

interface Offender {
  count: number;
  longestMs: number;
}

/** Offenders of one kind. `Name` is given by the code, so there are few. */
export class LongSteps<Name extends string> {
  readonly #byName = new Map<Name, Offender>();

  /** A step ended; most are short, and leave no trace. */
  took(name: Name, ms: number): void {
    if (ms <= stepMsMax) return;
    const offender = this.#byName.get(name);
    if (offender === undefined) {
      this.#byName.set(name, { count: 1, longestMs: ms });
      return;
    }
    offender.count += 1;
    if (ms > offender.longestMs) offender.longestMs = ms;
  }

  offenders(): Iterable<readonly [Name, Readonly<Offender>]> {
    return this.#byName;
  }
}
