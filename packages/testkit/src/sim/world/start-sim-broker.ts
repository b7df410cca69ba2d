// Starts the real broker on the ports of a simulated node. What is set here is set for every seed; what is
// drawn comes as topic settings.
import { Broker, BrokerStartError } from "@ottla/broker";
import { brokerConfigOf } from "@ottla/config";
import { type Logger, type Ports, plainLoggers } from "@ottla/ports";

/** A broker to start. */
export interface SimBrokerOptions {
  readonly ports: Ports;
  /** Absolute paths; the first one has the metadata log. */
  readonly directories: readonly string[];
  readonly host: string;
  readonly port: number;
  /** Bytes; -1: none. */
  readonly memoryLimit: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
  readonly onServing: (broker: Broker) => void;
  readonly onRefused: (reason: string) => void;
}

export const SIM_NODE_ID = 1;
/** The controller listens on the port above the broker's. */
export const CONTROLLER_PORT_ABOVE = 1;

export function startSimBroker(options: SimBrokerOptions): void {
  const { ports, directories, host, port, memoryLimit, settings, report } = options;
  const controllerPort = port + CONTROLLER_PORT_ABOVE;
  const config = brokerConfigOf({
    "process.roles": "broker,controller",
    "node.id": String(SIM_NODE_ID),
    "controller.quorum.bootstrap.servers": `${host}:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    listeners: `PLAINTEXT://:${port},CONTROLLER://:${controllerPort}`,
    "advertised.listeners": `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}`,
    "log.dirs": directories.join(","),
    "memory.limit": String(memoryLimit),
    // Small, so that the metadata log rolls and has snapshots within a run.
    "metadata.log.max.record.bytes.between.snapshots": "2000",
    "metadata.log.segment.bytes": "8388608",
    ...settings,
  });
  Broker.open({ ports, config, loggers: plainLoggers(reportingLogger(report)) }, (result) => {
    if (result instanceof BrokerStartError) options.onRefused(result.message);
    else options.onServing(result);
  });
}

function reportingLogger(report: (line: string) => void): Logger {
  const level =
    (name: string) =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void =>
      report(`${name} ${message}${fields === undefined ? "" : ` ${fieldsText(fields)}`}`);
  return { debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") };
}

function fieldsText(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value instanceof Error ? value.stack : String(value)}`)
    .join(" ");
}
