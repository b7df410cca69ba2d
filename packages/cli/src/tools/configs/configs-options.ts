// The options of kafka-configs.
import { BROKER_CONFIGS, CLIENT_METRICS_CONFIGS, GROUP_CONFIGS, TOPIC_CONFIGS } from "@ottla/config";
import { flag, valued } from "../../options/option.ts";
import { OptionTable } from "../../options/option-table.ts";

/** Quotas of users and clients. */
export const clientQuotas: readonly string[] = [
  "consumer_byte_rate",
  "controller_mutation_rate",
  "producer_byte_rate",
  "request_percentage",
];
/** Quotas of addresses. */
export const ipQuotas: readonly string[] = ["connection_creation_rate"];
/** Credentials of users. */
export const scramMechanisms: readonly string[] = ["SCRAM-SHA-256", "SCRAM-SHA-512"];

function listOf(type: string, names: Iterable<string>): string {
  const lines = [...names].toSorted().map((name) => `\n\t${name}`);
  return `For entity-type '${type}':${lines.join("")}\n`;
}

function changeableBrokerConfigs(): readonly string[] {
  return [...BROKER_CONFIGS].filter(([, { update }]) => update !== "read-only").map(([name]) => name);
}

function addConfigMeaning(): string {
  return (
    "Settings to make, as 'k1=v1,k2=[v1,v2,v2],k3=v3': square brackets keep commas together. Settings are:\n" +
    listOf("topics", TOPIC_CONFIGS.keys()) +
    listOf("brokers", changeableBrokerConfigs()) +
    listOf("users", [...scramMechanisms, ...clientQuotas]) +
    listOf("clients", clientQuotas) +
    listOf("ips", ipQuotas) +
    listOf("client-metrics", CLIENT_METRICS_CONFIGS.keys()) +
    listOf("groups", GROUP_CONFIGS.keys()) +
    "Types 'users' and 'clients' may be named together, for the clients of one user."
  );
}

export const configsTable: OptionTable = new OptionTable([
  valued("bootstrap-server", "server to connect to", "The Kafka servers to connect to."),
  valued("bootstrap-controller", "controller to connect to", "The Kafka controllers to connect to."),
  valued("command-config", "command config property file", "Properties file with settings of the client."),
  flag("alter", "Change the configs of an entity."),
  flag("describe", "Show the configs of entities."),
  flag("all", "Show every config, also those that nobody set."),
  valued(
    "entity-type",
    null,
    "What is meant: topics, clients, users, brokers, broker-loggers, ips, client-metrics or groups.",
  ),
  valued(
    "entity-name",
    null,
    "Which one: name of a topic, client id, principal, broker id, address, group id, or name of client metrics.",
  ),
  flag("entity-default", "The defaults of clients, users, brokers or ips."),
  valued("add-config", null, addConfigMeaning()),
  valued("add-config-file", null, "Properties file with settings to make; see --add-config."),
  { ...valued("delete-config", null, "Names of settings to take back: 'k1,k2'."), separator: "," },
  valued("topic", null, "A topic's name."),
  valued("client", null, "A client's id."),
  flag("client-defaults", "The defaults of all clients."),
  valued("user", null, "A user's principal."),
  flag("user-defaults", "The defaults of all users."),
  valued("broker", null, "A broker's id."),
  flag("broker-defaults", "The defaults of all brokers."),
  valued("broker-logger", null, "The id of a broker, for the levels of its loggers."),
  flag("ip-defaults", "The defaults of all addresses."),
  valued("ip", null, "An address."),
  valued("group", null, "A group's id."),
  valued("client-metrics", null, "The name of a subscription to client metrics."),
]);
