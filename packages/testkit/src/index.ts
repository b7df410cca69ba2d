// The door of package testkit.
export { formatNode, type NodeToFormat } from "./format-node.ts";
// The simulator's clients and checkers, for runs of real processes.
export { checkersFor } from "./sim/checkers/checkers.ts";
export { committedOffsetKept } from "./sim/checkers/groups/committed-offset-kept.ts";
export { committedOffsetNeverBack } from "./sim/checkers/groups/committed-offset-never-back.ts";
export type { TrimRules } from "./sim/checkers/trimmed/trim-rules.ts";
export { EngineProducer } from "./sim/clients/engine/engine-producer.ts";
export type { GroupClientContext } from "./sim/clients/groups/group-client.ts";
export { OffsetAuditor } from "./sim/clients/groups/offset-auditor.ts";
export { OffsetChanger } from "./sim/clients/groups/offset-changer.ts";
export { SimAdmin, type SimTopic } from "./sim/clients/sim-admin.ts";
export type { SimClientContext, Target } from "./sim/clients/sim-client.ts";
export { SimConsumer, type SimConsumerOptions } from "./sim/clients/sim-consumer.ts";
export { SimMover } from "./sim/clients/sim-mover.ts";
export { SimProducer } from "./sim/clients/sim-producer.ts";
export type { GroupEvent } from "./sim/group-history.ts";
export type { Anomaly, HistoryEvent } from "./sim/history.ts";
export { type StartBrokerOptions, type StartedBroker, startBroker } from "./start-broker.ts";
