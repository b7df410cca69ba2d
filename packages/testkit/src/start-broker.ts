// A whole Kafka inside a test: the real broker and controller on real sockets, their data in memory. Each
// broker is a cluster of its own, on ports that the system picks, so tests may run side by side. What it
// stores is gone when it stops.
import { Broker, BrokerStartError } from "@ottla/broker";
import { brokerConfigOf } from "@ottla/config";
import { createNodePorts, type Logger, type Ports, plainLoggers } from "@ottla/ports";
import { randomUuid } from "@ottla/protocol";
import { formatNode } from "./format-node.ts";
import { MemoryDisk } from "./memory-disk.ts";

/** What a test may decide. */
export interface StartBrokerOptions {
  /** Broker settings as in server.properties, such as `num.partitions`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where clients connect; default `127.0.0.1`. */
  readonly host?: string;
  /** Default: nothing is logged. */
  readonly logger?: Logger;
}

/** A broker that serves. */
export interface StartedBroker {
  /** `host:port`, for a client's `bootstrap.servers`. */
  readonly bootstrap: string;
  readonly host: string;
  readonly port: number;
  /** Ends it cleanly; all its memory is given up. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const NODE_ID = 1;
const DIRECTORY = "/data";
const LISTENER = "PLAINTEXT";
/** Nobody connects to the controller from outside. */
const CONTROLLER_PORT = 9093;

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Starts a broker; rejects with `BrokerStartError` when it cannot. */
export async function startBroker(options: StartBrokerOptions = {}): Promise<StartedBroker> {
  const host = options.host ?? "127.0.0.1";
  const nodePorts = createNodePorts();
  const ports: Ports = { ...nodePorts, disk: new MemoryDisk(nodePorts) };
  const clusterId = randomUuid((length) => ports.crypto.secureBytes(length));
  formatNode(ports, {
    clusterId,
    nodeId: NODE_ID,
    directory: DIRECTORY,
    host,
    controllerPort: CONTROLLER_PORT,
  });
  const config = brokerConfigOf({
    "process.roles": "broker,controller",
    "node.id": String(NODE_ID),
    "controller.quorum.bootstrap.servers": `${host}:${CONTROLLER_PORT}`,
    "controller.listener.names": "CONTROLLER",
    listeners: `${LISTENER}://${host}:0,CONTROLLER://${host}:0`,
    "advertised.listeners": `${LISTENER}://${host}:0`,
    "log.dirs": DIRECTORY,
    // One broker has no second for their replicas, and no reason to wait for a second member.
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    // Memory syncs at once.
    "ottla.sync.journal.bytes": "0",
    ...options.settings,
  });
  const broker = await opened(ports, config, options.logger ?? silent);
  const port = broker.port(LISTENER);
  if (port === null) throw new BrokerStartError(`there is no listener ${LISTENER}`);
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopping ??= new Promise((resolve) => broker.close(resolve)));
  return { bootstrap: `${host}:${port}`, host, port, stop, [Symbol.asyncDispose]: stop };
}

function opened(ports: Ports, config: ReturnType<typeof brokerConfigOf>, logger: Logger): Promise<Broker> {
  return new Promise((resolve, reject) => {
    Broker.open({ ports, config, loggers: plainLoggers(logger) }, (result) => {
      if (result instanceof BrokerStartError) reject(result);
      else resolve(result);
    });
  });
}
