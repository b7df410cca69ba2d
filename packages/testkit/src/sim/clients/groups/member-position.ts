// Where a member stands in one partition it owns.
import type { TopicPartition } from "./subscription.ts";

/** One partition of a member, from its assignment until it lets go. */
export interface MemberPosition {
  readonly place: TopicPartition;
  readonly key: string;
  /** Next offset to read; -1 until the committed one is known. */
  next: number;
  /** What the newest commit sent said; -1: none was sent. */
  committing: number;
}

export function keyOfPlace({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
