// The door of package testkit.
export { type StartBrokerOptions, type StartedBroker, startBroker } from "./start-broker.ts";
