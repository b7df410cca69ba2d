// Offsets that nobody has use for go after `offsets.retention.minutes`: those of groups without members
// counted from when the group became empty, those of topics that a live group no longer consumes and those of
// simple consumers counted from the commit. A group without offsets and members goes with them. One pass runs
// in slices of groups.
import type { ClassicGroup } from "../classic/classic-group.ts";
import { dropLiveGroup } from "../classic/live-groups.ts";
import { type GroupChange } from "../group/group-decision.ts";
import type { GroupRecord } from "../group/group-record.ts";
import type { GroupServices } from "../group/group-services.ts";
import type { DurableGroup } from "../group/group-table.ts";
import { EXPIRY_GROUPS_PER_SLICE, EXPIRY_RECORDS_PER_SLICE } from "../limits.ts";
import type { ShardTimer } from "../runtime/coordinator-shard.ts";
import type { DecisionTime } from "../runtime/decision.ts";
import type { OffsetAndMetadata } from "./offset-and-metadata.ts";
import { offsetTombstone } from "./tombstones.ts";

const MINUTE_MS = 60_000;
const NO_EXPIRY = -1;

/** The wall time from which an offset's retention counts. */
type RetentionStart = (offset: OffsetAndMetadata) => number;

/** The recurring pass over the groups of one partition. */
export class OffsetExpiry {
  readonly #services: GroupServices;
  readonly #timer: ShardTimer;
  /** Groups of this pass that are still to be looked at. */
  #left: string[] = [];

  constructor(services: GroupServices) {
    this.#services = services;
    this.#timer = services.context.newTimer((now) => this.#pass(now));
  }

  start(now: DecisionTime): void {
    this.#timer.set(now.monotonicMs + this.#services.config.offsetsRetentionCheckIntervalMs);
  }

  #pass(now: DecisionTime): GroupChange {
    if (this.#left.length === 0) this.#left = [...this.#services.table.durable.keys()];
    const records: GroupRecord[] = [];
    for (
      let count = 0;
      count < EXPIRY_GROUPS_PER_SLICE && records.length < EXPIRY_RECORDS_PER_SLICE;
      count++
    ) {
      const groupId = this.#left.pop();
      if (groupId === undefined) break;
      expireGroup(this.#services, groupId, now, records);
    }
    if (this.#left.length > 0) this.#timer.set(now.monotonicMs);
    else this.start(now);
    return { records, reply: undefined, atomic: false };
  }
}

function expireGroup(
  services: GroupServices,
  groupId: string,
  now: DecisionTime,
  records: GroupRecord[],
): void {
  const { table, offsets, metrics } = services;
  const durable = table.durable.get(groupId);
  if (durable === undefined || durable.type !== "Classic") return;
  const live = table.live.get(groupId);
  const before = records.length;
  const haveAllExpired =
    !offsets.committed.hasGroup(groupId) || expireOffsets(services, groupId, now, records);
  metrics.offsetExpirations += records.length - before;
  const isEmpty = live === undefined ? isDurablyEmpty(durable) : live.state === "Empty";
  if (!haveAllExpired || !isEmpty || offsets.hasOpenTransaction(groupId)) return;
  dropLiveGroup(services, groupId, now);
  records.push({ kind: "group-metadata", groupId, value: null });
}

/** True when no offset is left. */
function expireOffsets(
  services: GroupServices,
  groupId: string,
  now: DecisionTime,
  records: GroupRecord[],
): boolean {
  const { table, offsets, config } = services;
  const live = table.live.get(groupId);
  const durable = table.durable.get(groupId);
  const start = live === undefined ? durableStart(durable) : liveStart(live);
  if (start === null) return false;
  const retentionMs = config.offsetsRetentionMinutes * MINUTE_MS;
  let haveAllExpired = true;
  for (const { topic, partitions } of offsets.committed.topics(groupId)) {
    const isConsumed = live?.isSubscribedTo(topic) ?? false;
    for (const [partition, offset] of partitions) {
      const isExpired =
        offset.expireTimestampMs === NO_EXPIRY
          ? now.wallMs - start(offset) >= retentionMs
          : now.wallMs >= offset.expireTimestampMs;
      if (isExpired && !isConsumed && !offsets.hasPending(groupId, topic, partition)) {
        records.push(offsetTombstone(groupId, topic, partition));
      } else haveAllExpired = false;
    }
  }
  return haveAllExpired;
}

/** Null: nothing of the group expires now. */
function liveStart(group: ClassicGroup): RetentionStart | null {
  if (group.protocolType === null) return commitTime;
  if (group.state === "Empty") return sinceEmpty(group.stateTimestampMs);
  const knowsTopics = group.usesConsumerProtocol && group.subscribedTopics !== null;
  return knowsTopics && group.state === "Stable" ? commitTime : null;
}

function durableStart(durable: DurableGroup | undefined): RetentionStart | null {
  if (durable?.type !== "Classic") return null;
  const { metadata } = durable;
  if (metadata === null || metadata.protocolType === "") return commitTime;
  return sinceEmpty(metadata.currentStateTimestamp === -1n ? null : Number(metadata.currentStateTimestamp));
}

function isDurablyEmpty(durable: DurableGroup): boolean {
  return durable.type === "Classic" && (durable.metadata?.members.length ?? 0) === 0;
}

function commitTime(offset: OffsetAndMetadata): number {
  return offset.commitTimestampMs;
}

/** Records of old have no time of the state: the commit counts. */
function sinceEmpty(stateTimestampMs: number | null): RetentionStart {
  return stateTimestampMs === null ? commitTime : () => stateTimestampMs;
}
