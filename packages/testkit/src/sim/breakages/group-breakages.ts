// Breakages of group coordination and of committed offsets.
import type { Breakage } from "./breakage.ts";

const SIMULATOR = "world groups";

/** Each stands alone. */
export const groupBreakages: readonly Breakage[] = [
  {
    name: "a coordinator answers when its records are appended, not when they are committed",
    file: "coordinator/src/runtime/runtime-partition.ts",
    find: "    this.#pending.add(endOffset, batch.writes);\n",
    replace: "    for (const write of batch.writes) write.committed();\n",
    caughtBy: SIMULATOR,
  },
  {
    name: "offsets are told that are not committed yet",
    file: "coordinator/src/local-group-coordinator.ts",
    find: "(shard, at) => shard.fetchOffsets(group, at), answer);",
    replace: "(shard) => shard.fetchStableOffsets(group).reply, answer);",
    caughtBy: SIMULATOR,
  },
  {
    name: "a stable read does not wait for what was decided before it",
    file: "coordinator/src/runtime/runtime-partition.ts",
    find: "    if (batch !== null) batch.writes.push(write);\n    else if (this.#pending.isEmpty) write.committed();\n",
    replace:
      "    if (batch !== undefined) write.committed();\n    else if (this.#pending.isEmpty) write.committed();\n",
    caughtBy: SIMULATOR,
  },
  {
    name: "a replayed tombstone leaves the offset",
    file: "coordinator/src/offsets/offset-store.ts",
    find: "      this.committed.remove(group, topic, partition);\n",
    replace: "",
    caughtBy: SIMULATOR,
  },
  {
    name: "offsets stay when their group is deleted",
    file: "coordinator/src/group/delete-groups.ts",
    find: "const records = [...tombstones, ...own];",
    replace: "const records = [...tombstones.slice(tombstones.length), ...own];",
    caughtBy: SIMULATOR,
  },
  {
    name: "a group begins at generation 0 after a load",
    file: "coordinator/src/classic/classic-group.ts",
    find: "    this.generationId = value.generation;\n",
    replace: "",
    caughtBy: SIMULATOR,
  },
  {
    name: "a generation has the number of the one before",
    file: "coordinator/src/classic/classic-group.ts",
    find: "this.generationId = (this.generationId + 1) | 0;",
    replace: "this.generationId = Math.max(this.generationId, 1);",
    caughtBy: SIMULATOR,
  },
  {
    name: "a static member's former self is not fenced",
    file: "coordinator/src/classic/member-check.ts",
    find: "if (present !== memberId) return errors.FENCED_INSTANCE_ID;",
    replace: "if (present !== memberId) return null;",
    also: {
      file: "coordinator/src/classic/heartbeat.ts",
      find: "  renewSession(group.members.get(memberId) as ClassicMember, now);\n",
      replace:
        "  const member = group.members.get(memberId);\n  if (member !== undefined) renewSession(member as ClassicMember, now);\n",
    },
    caughtBy: SIMULATOR,
  },
  {
    name: "offsets are told while their partition loads",
    file: "coordinator/src/runtime/coordinator-runtime.ts",
    find: "    if (!present.isActive) return this.#reject(errors.COORDINATOR_LOAD_IN_PROGRESS, done);\n",
    replace: "",
    caughtBy: SIMULATOR,
  },
  {
    name: "a load ends before the log's last batch",
    file: "coordinator/src/runtime/shard-loader.ts",
    find: "if (this.#nextOffset >= log.logEndOffset) return this.#done(null);",
    replace: "if (this.#nextOffset > 0 || log.logEndOffset === 0) return this.#done(null);",
    caughtBy: SIMULATOR,
  },
  {
    name: "a failed append is not taken back",
    file: "coordinator/src/runtime/runtime-partition.ts",
    find: "    this.#life.registry.revertTo(batch.baseOffset);\n",
    replace: "",
    caughtBy: "coordinator/src/runtime/coordinator-runtime.test.ts",
  },
  {
    name: "offsets of a group with members expire",
    file: "coordinator/src/offsets/expire-offsets.ts",
    find: "if (isExpired && !isConsumed && ",
    replace: "if (isExpired && ",
    caughtBy: SIMULATOR,
  },
  {
    name: "offsets of a group never expire",
    file: "coordinator/src/offsets/expire-offsets.ts",
    find: "now.wallMs - start(offset) >= retentionMs",
    replace: "now.monotonicMs - start(offset) >= retentionMs",
    caughtBy: SIMULATOR,
  },
  {
    name: "members get the assignments of the generation before",
    file: "coordinator/src/classic/sync-group.ts",
    find: "member.assignment = assignments.get(member.memberId) ?? EMPTY_BYTES;",
    replace:
      "if (member.assignment.length === 0) member.assignment = assignments.get(member.memberId) ?? EMPTY_BYTES;",
    caughtBy: SIMULATOR,
  },
  {
    name: "a heartbeat of an old generation is welcome",
    file: "coordinator/src/classic/heartbeat.ts",
    find: "  if (generationId !== group.generationId) return errors.ILLEGAL_GENERATION;\n",
    replace: "  if (generationId > group.generationId) return errors.ILLEGAL_GENERATION;\n",
    caughtBy: SIMULATOR,
  },
  {
    name: "a commit of an old generation is welcome",
    file: "coordinator/src/offsets/commit-offsets.ts",
    find: "    if (generationId !== group.generationId) return errors.ILLEGAL_GENERATION;\n",
    replace: "    if (generationId > group.generationId) return errors.ILLEGAL_GENERATION;\n",
    caughtBy: SIMULATOR,
  },
  {
    name: "anybody may commit while a group rebalances",
    file: "coordinator/src/offsets/commit-offsets.ts",
    find: "    if (problem !== null) return problem;\n    if (generationId",
    replace:
      '    if (problem !== null) return group.state === "PreparingRebalance" ? null : problem;\n    if (generationId',
    caughtBy: SIMULATOR,
  },
];
