// A process's settings: what a right file means, and what a wrong one is told. Texts were compared with
// Apache Kafka.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BrokerConfig } from "./broker-config.ts";
import { parseOverride, parseProperties } from "./parse-properties.ts";
import { brokerConfigOf, formatConfigProblem, resolveBrokerConfig } from "./resolve-broker-config.ts";

const COMBINED = {
  "process.roles": "broker,controller",
  "node.id": "1",
  "controller.quorum.bootstrap.servers": "localhost:9093",
  listeners: "PLAINTEXT://:9092,CONTROLLER://:9093",
  "controller.listener.names": "CONTROLLER",
};

/** The combined node with changes; an undefined value takes the key out. */
function settings(changes: Record<string, string | undefined>): [string, string][] {
  const all: Record<string, string | undefined> = { ...COMBINED, ...changes };
  return Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
}

function resolved(changes: Record<string, string | undefined>): BrokerConfig {
  return brokerConfigOf(Object.fromEntries(settings(changes)));
}

function reasons(changes: Record<string, string | undefined>): string[] {
  const text = settings(changes)
    .map(([key, value]) => `${key}=${value}`)
    .join("\n");
  const result = resolveBrokerConfig(parseProperties(text, "server.properties"));
  return result.ok ? [] : result.problems.map(({ reason }) => reason);
}

test("a combined node listens for clients and as controller, and advertises only the former", () => {
  const config = resolved({});
  assert.deepEqual(config.processRoles, ["broker", "controller"]);
  assert.equal(config.nodeId, 1);
  assert.deepEqual(config.advertisedListeners, [
    { listenerName: "PLAINTEXT", securityProtocol: "PLAINTEXT", host: "", port: 9092 },
  ]);
  assert.deepEqual(
    config.controllerListeners.map(({ port }) => port),
    [9093],
  );
  assert.equal(config.interBrokerListenerName, "PLAINTEXT");
  assert.deepEqual(config.controllerQuorumBootstrapServers, [{ host: "localhost", port: 9093 }]);
  assert.deepEqual(config.logDirs, ["/tmp/kafka-logs"]);
  assert.equal(config.metadataLogDir, "/tmp/kafka-logs");
  assert.equal(config.metricsListener, null);
  assert.equal(config.maxConnections, 4000);
  assert.ok(Object.isFrozen(config));
});

test("an unknown key is told with file, line and the nearest known key", () => {
  const text = `${settings({})
    .map(([key, value]) => `${key}=${value}`)
    .join("\n")}\nlog.retention.hour=5\n`;
  const result = resolveBrokerConfig(parseProperties(text, "server.properties"));
  assert.ok(!result.ok);
  assert.deepEqual(result.problems.map(formatConfigProblem), [
    "server.properties:6: log.retention.hour: Unknown configuration key (did you mean log.retention.hours?)",
  ]);
});

test("all bad values are told at once, in Kafka's words", () => {
  assert.deepEqual(
    reasons({ "num.io.threads": "0", "log.retention.ms": "abc", "process.roles": undefined }),
    [
      "Invalid value abc for configuration log.retention.ms: Not a number of type LONG",
      "Invalid value 0 for configuration num.io.threads: Value must be at least 1",
      'Missing required configuration "process.roles" which has no default value.',
    ],
  );
});

const REFUSED: readonly [Record<string, string | undefined>, string][] = [
  [
    { "process.roles": "nosuch" },
    "Invalid value nosuch for configuration process.roles: String must be one of: broker, controller",
  ],
  [{ "node.id": "-5" }, "Invalid value -5 for configuration node.id: Value must be at least 0"],
  [
    { "node.id": undefined, "broker.id": "x" },
    "Invalid value x for configuration broker.id: Not a number of type INT",
  ],
  [{ "broker.id": "7" }, "You must set `node.id` to the same value as `broker.id`."],
  [
    { "controller.listener.names": "" },
    "Configuration 'controller.listener.names' must not be empty. Valid values include: any non-empty value",
  ],
  [
    {
      listeners: "PLAINTEXT://:9092",
      "advertised.listeners": "PLAINTEXT://h:9092,CONTROLLER://h:9093",
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    },
    "controller.listener.names must only contain values appearing in the 'listeners' configuration when running the KRaft controller role",
  ],
  [
    { listeners: "PLAINTEXT://:9092" },
    "controller.listener.names must contain at least one value appearing in the 'listeners' configuration when running the KRaft controller role",
  ],
  [
    { "advertised.listeners": "PLAINTEXT://0.0.0.0:9092" },
    "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.",
  ],
  [
    { "inter.broker.listener.name": "NOSUCH" },
    "Listener with name NOSUCH defined in inter.broker.listener.name not found in listener.security.protocol.map.",
  ],
  [
    { "controller.quorum.bootstrap.servers": "" },
    "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap controllers or controller.quorum.voters must contain a parseable set of controllers.",
  ],
  [
    { "controller.quorum.voters": "2@localhost:9093" },
    "If process.roles contains the 'controller' role, the node id 1 must be included in the set of voters controller.quorum.voters=Set(2)",
  ],
  [
    { listeners: "PLAINTEXT://:9092,CONTROLLER://:9092" },
    "Error creating broker listeners from '[PLAINTEXT://:9092, CONTROLLER://:9092]': Each listener must have a different port, listeners: [PLAINTEXT://:9092, CONTROLLER://:9092]",
  ],
  [
    { listeners: "FOO://:9092,CONTROLLER://:9093" },
    "Error creating broker listeners from '[FOO://:9092, CONTROLLER://:9093]': No security protocol defined for listener FOO",
  ],
  [{ "log.retention.hours": "0" }, "log.retention.ms must be unlimited (-1) or, greater than or equal to 1"],
  [
    { "queued.max.request.bytes": "5" },
    "queued.max.request.bytes must be larger or equal to socket.request.max.bytes",
  ],
  [
    { "group.consumer.heartbeat.interval.ms": "1" },
    "group.consumer.heartbeat.interval.ms must be greater than or equal to group.consumer.min.heartbeat.interval.ms",
  ],
  [
    { "principal.builder.class": "foo.Bar" },
    "Invalid value foo.Bar for configuration principal.builder.class: Class foo.Bar could not be found.",
  ],
  [
    { "ottla.metrics.listener": "nowhere" },
    "Invalid value nowhere for configuration ottla.metrics.listener: Not of the form host:port",
  ],
];

for (const [changes, reason] of REFUSED) {
  test(`a node with ${JSON.stringify(changes)} is refused`, () => {
    assert.deepEqual(reasons(changes), [reason]);
  });
}

test("retention is taken from milliseconds, then minutes, then hours, and any negative one means for ever", () => {
  const retentionMs = (changes: Record<string, string>): number => resolved(changes).logDefaults.retentionMs;
  const [hours, minutes, ms] = [
    { "log.retention.hours": "2" },
    { "log.retention.minutes": "5" },
    { "log.retention.ms": "7" },
  ];
  assert.equal(retentionMs({ ...hours }), 7_200_000);
  assert.equal(retentionMs({ ...hours, ...minutes }), 300_000);
  assert.equal(retentionMs({ ...hours, ...minutes, ...ms }), 7);
  assert.equal(retentionMs({ "log.retention.ms": "-5" }), -1);
});

test("old spellings are taken: broker.id, log.dir, and port where there are no listeners", () => {
  const config = resolved({ "node.id": undefined, "broker.id": "7", "log.dir": "/x" });
  assert.equal(config.nodeId, 7);
  assert.deepEqual(config.logDirs, ["/x"]);
  const old = resolved({
    "process.roles": "broker",
    listeners: undefined,
    port: "9099",
    "host.name": "h",
  });
  assert.deepEqual(
    old.listeners.map(({ host, port }) => [host, port]),
    [["h", 9099]],
  );
});

test("settings of earlier versions are warned about, settings of plug-ins and listeners are taken as they are", () => {
  const changes = settings({
    "inter.broker.protocol.version": "3.9",
    "zookeeper.connect": "localhost:2181",
    "super.users": "User:admin",
    "rsm.config.anything": "x",
    "listener.name.plaintext.max.connections": "10",
    "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": "secret",
    "sasl.our.own.option": "x",
  }).map(([key, value]) => `${key}=${value}`);
  const result = resolveBrokerConfig(parseProperties(changes.join("\n"), "f"));
  assert.ok(result.ok);
  assert.deepEqual(
    result.warnings.map(({ key }) => key),
    ["inter.broker.protocol.version", "zookeeper.connect"],
  );
  assert.deepEqual(reasons({ "listener.name.plaintext.max.connections": "x" }), [
    "Invalid value x for configuration listener.name.plaintext.max.connections: Not a number of type INT",
  ]);
});

test("a misspelt security key is not mistaken for an option of a plug-in", () => {
  assert.deepEqual(reasons({ "ssl.keystore.locaton": "/x" }), ["Unknown configuration key"]);
});

test("an override on the command line wins over the file", () => {
  const entries = settings({}).map(([key, value]) => ({ key, value, origin: { file: "f", line: 1 } }));
  const override = parseOverride("num.partitions=3");
  assert.ok(override);
  const result = resolveBrokerConfig([...entries, override]);
  assert.ok(result.ok && result.config.numPartitions === 3);
});

test("a file of old keys that names no controller is a broker and controller in one", () => {
  const config = brokerConfigOf({ "broker.id": "2", port: "9094", "log.dir": "/tmp/kafka-logs-2" });
  assert.deepEqual([config.nodeId, config.isBroker, config.isController], [2, true, true]);
  assert.deepEqual(
    config.brokerListeners.map(({ port }) => port),
    [9094],
  );
  assert.deepEqual(
    config.controllerListeners.map(({ host, port }) => `${host}:${port}`),
    ["127.0.0.1:19094"],
  );
  const named = resolveBrokerConfig([
    ...parseProperties("broker.id=2\ncontroller.listener.names=CONTROLLER\n", "server.properties"),
  ]);
  assert.equal(named.ok, false);
});
