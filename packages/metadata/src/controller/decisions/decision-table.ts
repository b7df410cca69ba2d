// The APIs that the controller decides, by key: the only list of them.
import { type ApiMessages, apiKeys } from "@ottla/protocol";
import { allocateProducerIds } from "./allocate-producer-ids.ts";
import { alterConfigs } from "./alter-configs.ts";
import { brokerHeartbeat } from "./broker-heartbeat.ts";
import { brokerRegistration } from "./broker-registration.ts";
import { createPartitions } from "./create-partitions.ts";
import { createTopics } from "./create-topics.ts";
import type { Decider } from "./decision-context.ts";
import { deleteTopics } from "./delete-topics.ts";
import { incrementalAlterConfigs } from "./incremental-alter-configs.ts";
import { alterPartitionReassignments } from "./replicas/alter-partition-reassignments.ts";
import { assignReplicasToDirs } from "./replicas/assign-replicas-to-dirs.ts";
import { electLeaders } from "./replicas/elect-leaders.ts";
import { listPartitionReassignments } from "./replicas/list-partition-reassignments.ts";

type DeciderOf<Key extends keyof ApiMessages> = Decider<
  ApiMessages[Key]["request"],
  ApiMessages[Key]["response"]
>;

const table: { readonly [Key in keyof ApiMessages]?: DeciderOf<Key> } = {
  [apiKeys.CreateTopics]: createTopics,
  [apiKeys.DeleteTopics]: deleteTopics,
  [apiKeys.AlterConfigs]: alterConfigs,
  [apiKeys.CreatePartitions]: createPartitions,
  [apiKeys.ElectLeaders]: electLeaders,
  [apiKeys.IncrementalAlterConfigs]: incrementalAlterConfigs,
  [apiKeys.AlterPartitionReassignments]: alterPartitionReassignments,
  [apiKeys.ListPartitionReassignments]: listPartitionReassignments,
  [apiKeys.BrokerRegistration]: brokerRegistration,
  [apiKeys.BrokerHeartbeat]: brokerHeartbeat,
  [apiKeys.AllocateProducerIds]: allocateProducerIds,
  [apiKeys.AssignReplicasToDirs]: assignReplicasToDirs,
};

/** Keys of the APIs that `Controller.submit` takes. */
export const controllerApiKeys: readonly number[] = Object.keys(table).map(Number);

/** Null when the controller does not decide this API. The caller pairs key and request. */
export function deciderFor(apiKey: number): Decider<unknown, unknown> | null {
  return (
    ((table as Readonly<Record<number, unknown>>)[apiKey] as Decider<unknown, unknown> | undefined) ?? null
  );
}
