// One member of a classic group that joins and syncs on its own connection, with nothing around it.
import {
  apiKeys,
  type JoinGroupResponse,
  makeJoinGroupRequest,
  makeSyncGroupRequest,
  type SyncGroupResponse,
} from "@ottla/protocol";
import { RawConnection } from "./raw-connection.ts";

const joinVersion = 5;
const syncVersion = 3;
const memberIdRequired = 79;

/** A member that outlives its rebalances. */
export class GroupMember {
  readonly connection: RawConnection;
  readonly groupId: string;
  memberId = "";
  generationId = -1;

  private constructor(connection: RawConnection, groupId: string) {
    this.connection = connection;
    this.groupId = groupId;
  }

  static async open(port: number, groupId: string): Promise<GroupMember> {
    return new GroupMember(await RawConnection.open(port), groupId);
  }

  /** Joins with `metadata` and syncs; the leader hands every member `assignment`. */
  async rebalance(metadata: Uint8Array, assignment: Uint8Array): Promise<void> {
    let joined = await this.#join(metadata);
    if (joined.errorCode === memberIdRequired) {
      this.memberId = joined.memberId;
      joined = await this.#join(metadata);
    }
    if (joined.errorCode !== 0) throw new Error(`join: error ${joined.errorCode}`);
    this.memberId = joined.memberId;
    this.generationId = joined.generationId;
    const assignments = joined.members.map((member) => ({ memberId: member.memberId, assignment }));
    const request = makeSyncGroupRequest({
      groupId: this.groupId,
      generationId: this.generationId,
      memberId: this.memberId,
      assignments: joined.leader === this.memberId ? assignments : [],
    });
    const synced = await this.connection.call<SyncGroupResponse>(apiKeys.SyncGroup, syncVersion, request);
    if (synced.errorCode !== 0) throw new Error(`sync: error ${synced.errorCode}`);
  }

  async #join(metadata: Uint8Array): Promise<JoinGroupResponse> {
    const request = makeJoinGroupRequest({
      groupId: this.groupId,
      sessionTimeoutMs: 45_000,
      rebalanceTimeoutMs: 60_000,
      memberId: this.memberId,
      protocolType: "consumer",
      protocols: [{ name: "range", metadata }],
    });
    return await this.connection.call<JoinGroupResponse>(apiKeys.JoinGroup, joinVersion, request);
  }

  close(): void {
    this.connection.close();
  }
}
