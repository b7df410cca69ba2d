// From which version on an answer's throttle time is the client's to wait (KIP-219). Before it, the broker
// has held the answer back for that time already. The versions are Apache Kafka's clients'.
import { apiKeys } from "@ottla/protocol";

/** APIs that are not named tell it so from their first version on. */
const FIRST_VERSIONS: ReadonlyMap<number, number> = new Map([
  [apiKeys.Produce, 6],
  [apiKeys.Fetch, 8],
  [apiKeys.ListOffsets, 3],
  [apiKeys.Metadata, 6],
  [apiKeys.OffsetCommit, 4],
  [apiKeys.OffsetFetch, 4],
  [apiKeys.FindCoordinator, 2],
  [apiKeys.JoinGroup, 3],
  [apiKeys.Heartbeat, 2],
  [apiKeys.LeaveGroup, 2],
  [apiKeys.SyncGroup, 2],
  [apiKeys.DescribeGroups, 2],
  [apiKeys.ListGroups, 2],
  [apiKeys.ApiVersions, 2],
  [apiKeys.CreateTopics, 3],
  [apiKeys.DeleteTopics, 2],
  [apiKeys.DeleteRecords, 1],
  [apiKeys.InitProducerId, 1],
  [apiKeys.AddPartitionsToTxn, 1],
  [apiKeys.AddOffsetsToTxn, 1],
  [apiKeys.EndTxn, 1],
  [apiKeys.TxnOffsetCommit, 1],
  [apiKeys.DescribeAcls, 1],
  [apiKeys.CreateAcls, 1],
  [apiKeys.DeleteAcls, 1],
  [apiKeys.DescribeConfigs, 2],
  [apiKeys.AlterConfigs, 1],
  [apiKeys.AlterReplicaLogDirs, 1],
  [apiKeys.DescribeLogDirs, 1],
  [apiKeys.CreatePartitions, 1],
  [apiKeys.CreateDelegationToken, 1],
  [apiKeys.RenewDelegationToken, 1],
  [apiKeys.ExpireDelegationToken, 1],
  [apiKeys.DescribeDelegationToken, 1],
  [apiKeys.DeleteGroups, 1],
]);

/** Throttle time of an answer in milliseconds; 0 where it has none. */
export function throttleTimeMs(response: unknown): number {
  const { throttleTimeMs: told } = response as { readonly throttleTimeMs?: unknown };
  return typeof told === "number" && told > 0 ? told : 0;
}

/** Whether the client is to wait for the throttle time of such an answer. */
export function clientThrottles(apiKey: number, version: number): boolean {
  return version >= (FIRST_VERSIONS.get(apiKey) ?? 0);
}
