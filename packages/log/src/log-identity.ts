// What a log is told of itself when it is made.
import type { Uuid } from "@ottla/protocol";

/** Which partition a log belongs to and where it lies. */
export interface LogIdentity {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: Uuid;
  /** Path of the log directory (not of the partition's). */
  readonly directory: string;
}
