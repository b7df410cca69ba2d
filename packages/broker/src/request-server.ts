// The sockets of a broker and what stands behind them: memory for frames, connection quotas, dispatch.
// Derives bounds from the configuration. Not here: what a request does (handlers/), when the broker starts to
// listen (broker.ts).

import type { BrokerConfig, Endpoint } from "@ottla/config";
import { openLogFilesMax } from "@ottla/log";
import { HELD_CONNECTIONS_MAX, type NetworkError, type Ports } from "@ottla/ports";
import type { BrokerServices } from "./broker-services.ts";
import { Acceptor } from "./connection/acceptor.ts";
import type { ConnectionQuotaLimits } from "./connection/connection-quota.ts";
import type { ConnectionState } from "./connection/connection-services.ts";
import { FrameMemory } from "./connection/frame-memory.ts";
import { OutputMemory } from "./connection/output-memory.ts";
import { Dispatcher } from "./dispatch/dispatch.ts";
import { connectionLimits } from "./limits.ts";
import { loggerNames } from "./logger-names.ts";

const anonymous = "User:ANONYMOUS";

/** Serves requests on the listeners of a broker. */
export class RequestServer {
  readonly #acceptor: Acceptor;

  constructor(broker: BrokerServices) {
    const { config, ports, loggers, turnEnd, complaints } = broker;
    const dispatcher = new Dispatcher(broker);
    this.#acceptor = new Acceptor({
      ports,
      logger: loggers.named(loggerNames.connections),
      turnEnd,
      complaints,
      memory: new FrameMemory({ bytesLimit: requestBytesLimit(config) }),
      output: new OutputMemory({
        bytesLimit: outputBytesLimit(config),
        lentBytes: () => broker.logs.lentBytes,
      }),
      metrics: broker.metrics.connections,
      quota: quotaLimits(config, ports),
      frameBytesMax: config.socketRequestMaxBytes,
      idleMs: config.connectionsMaxIdleMs,
      frameReceiveMs: config.requestReceiveTimeoutMs,
      backlog: config.socketListenBacklogSize,
      heldMax: heldMax(ports),
      initialState: plaintextState,
      start: dispatcher.start,
    });
  }

  /** Binds the listeners, accepting nothing yet; stops at the first that cannot be bound. */
  listen(listeners: readonly Endpoint[], done: (error: NetworkError | null) => void): void {
    this.#acceptor.listen(listeners, done);
  }

  startAccepting(): void {
    this.#acceptor.startAccepting();
  }

  /** Where a listener is bound, also when its configured port is 0; null before it listens. */
  port(listenerName: string): number | null {
    return this.#acceptor.port(listenerName);
  }

  get connectionCount(): number {
    return this.#acceptor.connectionCount;
  }

  /** Accepts nothing new, answers what is under way, closes all. */
  close(done: () => void): void {
    this.#acceptor.close(done);
  }
}

/** A plaintext listener has nothing to prove. */
function plaintextState(): ConnectionState {
  return {
    isAuthenticated: true,
    principal: anonymous,
    clientSoftwareName: null,
    clientSoftwareVersion: null,
  };
}

function requestBytesLimit(config: BrokerConfig): number {
  if (config.queuedMaxRequestBytes > 0) return config.queuedMaxRequestBytes;
  if (config.memoryLimitBytes <= 0) return connectionLimits.requestBytesDefault;
  return Math.floor(config.memoryLimitBytes / connectionLimits.requestBytesShare);
}

function outputBytesLimit(config: BrokerConfig): number {
  if (config.memoryLimitBytes <= 0) return connectionLimits.outputBytesDefault;
  return Math.floor(config.memoryLimitBytes / connectionLimits.outputBytesShare);
}

/** Connections over all listeners that wait while no more are accepted. */
function heldMax(ports: Ports): number {
  const files = ports.process.openFilesMax();
  return Math.min(HELD_CONNECTIONS_MAX, Math.floor(files / connectionLimits.filesForHeldShare));
}

function quotaLimits(config: BrokerConfig, ports: Ports): ConnectionQuotaLimits {
  const files = ports.process.openFilesMax();
  const byFiles = files - openLogFilesMax(files) - heldMax(ports) - connectionLimits.filesKeptBack;
  return {
    connectionsMax: Math.max(1, Math.min(config.maxConnections, byFiles)),
    perIpMax: config.maxConnectionsPerIp,
    perIpOverrides: config.maxConnectionsPerIpOverrides,
    perSecondMax: config.maxConnectionCreationRate,
  };
}
