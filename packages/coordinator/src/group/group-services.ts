// What the decisions of one group coordinator partition share.

import type { GroupCoordinatorConfig } from "@ottla/config";
import type { Logger } from "@ottla/ports";
import type { OffsetStore } from "../offsets/offset-store.ts";
import type { ShardContext } from "../runtime/coordinator-shard.ts";
import type { GroupMetrics } from "./group-metrics.ts";
import type { GroupRecord } from "./group-record.ts";
import type { GroupTable } from "./group-table.ts";
import type { MemberMemory } from "./member-memory.ts";

export interface GroupServices {
  readonly config: GroupCoordinatorConfig;
  readonly context: ShardContext<GroupRecord>;
  readonly table: GroupTable;
  readonly offsets: OffsetStore;
  readonly memory: MemberMemory;
  readonly metrics: GroupMetrics;
  readonly logger: Logger;
  /** A random identifier as Java prints a UUID; member ids end with one. */
  newUuid(): string;
}
