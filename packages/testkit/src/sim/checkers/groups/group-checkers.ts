// Every checker of the world of groups.
import type { GroupChecker } from "../../group-history.ts";
import { commitsFollowPositions } from "./commits-follow-positions.ts";
import { committedOffsetKept } from "./committed-offset-kept.ts";
import { committedOffsetNeverBack } from "./committed-offset-never-back.ts";
import { coveredByOneMember } from "./covered-by-one-member.ts";
import { disjointAssignments } from "./disjoint-assignments.ts";
import { fencedMemberSilent } from "./fenced-member-silent.ts";
import { generationsRise } from "./generations-rise.ts";
import { groupReadsEverything } from "./group-reads-everything.ts";
import { noCommitOfOldGeneration } from "./no-commit-of-old-generation.ts";
import { unusedOffsetsExpire } from "./unused-offsets-expire.ts";

export const groupCheckers: readonly GroupChecker[] = [
  disjointAssignments,
  coveredByOneMember,
  generationsRise,
  committedOffsetKept,
  committedOffsetNeverBack,
  commitsFollowPositions,
  noCommitOfOldGeneration,
  fencedMemberSilent,
  groupReadsEverything,
  unusedOffsetsExpire,
];
