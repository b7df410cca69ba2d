// The door of package testkit.
export { formatNode, type NodeToFormat } from "./format-node.ts";
export { type StartBrokerOptions, type StartedBroker, startBroker } from "./start-broker.ts";
