// The file `quorum-state`: the epoch this node knows and who led it, so that no epoch is used twice. JSON,
// written anew on each change. Format 0 belongs to static voters (kraft.version 0), format 1 to voters in the
// log.
import { ZERO_UUID } from "@ottla/protocol";
import { MetadataError } from "../../../metadata-error.ts";

export const QUORUM_STATE_FILE = "quorum-state";

export interface QuorumState {
  /** -1: none known. */
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** The file's content. */
export function encodeQuorumState(
  state: QuorumState,
  kraftVersion: number,
  voterIds: readonly number[],
): Uint8Array {
  const { leaderId, leaderEpoch } = state;
  const json =
    kraftVersion === 0
      ? {
          clusterId: "",
          leaderId,
          leaderEpoch,
          votedId: -1,
          appliedOffset: 0,
          currentVoters: voterIds.map((voterId) => ({ voterId })),
          data_version: 0,
        }
      : { leaderId, leaderEpoch, votedId: -1, votedDirectoryId: ZERO_UUID, data_version: 1 };
  return new TextEncoder().encode(JSON.stringify(json));
}

/** @throws MetadataError when it is none. */
export function decodeQuorumState(content: Uint8Array): QuorumState {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(content));
  } catch (error) {
    throw new MetadataError("quorum-state is not JSON", { cause: error });
  }
  const { leaderId, leaderEpoch } = (json ?? {}) as { leaderId?: unknown; leaderEpoch?: unknown };
  if (!Number.isInteger(leaderEpoch)) throw new MetadataError("quorum-state has no leaderEpoch");
  return {
    leaderId: Number.isInteger(leaderId) ? (leaderId as number) : -1,
    leaderEpoch: leaderEpoch as number,
  };
}
