// What a step throws when this machine cannot run it: it is told and counted as skipped, with its reason.
export class SkippedStep extends Error {
  override readonly name: string = "SkippedStep";
}
