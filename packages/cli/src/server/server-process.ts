// One server process: reads its configuration, opens the node, says so in Kafka's words, and stops it on a
// signal. Exit codes are Kafka's: 1 when it cannot start or go on, 143 after SIGTERM, 130 after SIGINT.

import { flushCompileCache } from "node:module";
import { hostname } from "node:os";
import { Broker } from "@ottla/broker";
import type { BrokerConfig, Endpoint } from "@ottla/config";
import type { OpeningState } from "@ottla/log";
import {
  createNodePorts,
  type Logger,
  type Loggers,
  POOL_THREADS_MIN,
  type Ports,
  poolThreads,
} from "@ottla/ports";
import { nodeView } from "../http/node-view.ts";
import { type OperationServer, openOperationServer } from "../http/operation-server.ts";
import { surveyDirectories } from "../storage/survey-directories.ts";
import { directoryProblem, listenProblem } from "./start-problem.ts";
import { KAFKA_VERSION, OTTLA_VERSION } from "./versions.ts";

/** What the process runs. */
export interface ServerOptions {
  readonly config: BrokerConfig;
  readonly log: Loggers;
  /** The name of the configuration, for problems. */
  readonly file: string;
  /**
   * Nobody chose the ports: without the one for metrics the node serves on, and problems name other cures.
   */
  readonly isQuickstart: boolean;
}

/** Between two lines about a recovery. */
const PROGRESS_MS = 1000;

const exitCodes = { SIGTERM: 143, SIGINT: 130 } as const;

/** Runs a node until a signal or a failure ends the process. */
export class ServerProcess {
  readonly #options: ServerOptions;
  readonly #ports: Ports;
  readonly #main: Logger;
  readonly #startedMs: number;
  #broker: Broker | null = null;
  #operation: OperationServer | null = null;
  #isStopping = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#ports = createNodePorts();
    this.#startedMs = this.#ports.clock.monotonicMs();
    this.#main = options.log.named("kafka.Kafka$");
  }

  /** `serving` is called once clients can connect. */
  async start(serving: () => void): Promise<void> {
    const { config, log, file, isQuickstart } = this.#options;
    this.#handleSignals();
    this.#handleBugs();
    if (poolThreads() < POOL_THREADS_MIN) {
      this.#main.warn(`UV_THREADPOOL_SIZE is ${poolThreads()}; start with at least ${POOL_THREADS_MIN}`);
    }
    const problem = directoryProblem(surveyDirectories(this.#ports.disk, config), config, file);
    if (problem !== null) return this.#fail(problem);
    if (!(await this.#openOperationServer())) return;
    log.named("kafka.log.LogManager").info(`Loading logs from log dirs ${config.logDirs.join(", ")}`);
    const progress = this.#progress();
    const ports = this.#ports;
    // Who halts the loop in a debugger does not want the process to end.
    const isLoopWatched = !process.execArgv.some((word) => word.startsWith("--inspect"));
    Broker.open({ ports, config, loggers: log, hostName: hostname(), progress, isLoopWatched }, (result) => {
      if (result instanceof Error) this.#fail(listenProblem(result.cause, isQuickstart) ?? result.message);
      else {
        this.#serving(result);
        serving();
      }
    });
  }

  /**
   * Tells of logs that are opened: the last one always, others so often that somebody who waits sees it going
   * on.
   */
  #progress(): (state: OpeningState) => void {
    const logger = this.#options.log.named("kafka.log.LogManager");
    const { clock } = this.#ports;
    let toldMs = clock.monotonicMs();
    return ({ directory, opened, total, bytesLeft, opening }) => {
      const nowMs = clock.monotonicMs();
      if (opened === total)
        logger.info(`Loaded ${total} logs of ${directory} in ${Math.round(nowMs - this.#startedMs)}ms`);
      else if (nowMs - toldMs >= PROGRESS_MS) {
        toldMs = nowMs;
        const present = opening === null ? "" : `, now ${opening}`;
        logger.info(
          `Recovering: ${opened} of ${total} logs in ${directory} loaded, ${bytesLeft} bytes left${present}`,
        );
      }
    };
  }

  #handleSignals(): void {
    const signals = this.#options.log.named("org.apache.kafka.common.utils.LoggingSignalHandler");
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        signals.info(`Terminating process due to signal ${signal}`);
        this.#stop(exitCodes[signal]);
      });
    }
    process.on("SIGHUP", () => signals.info("Ignoring signal SIGHUP"));
    signals.info("Registered signal handlers for TERM, INT, HUP");
  }

  /** A bug has left state that nobody can vouch for: the process ends, and the next start recovers. */
  #handleBugs(): void {
    const end = (error: unknown): void => {
      this.#main.error("Halting: an error that should not be possible", { error });
      this.#ports.process.halt(1, error instanceof Error ? error.message : String(error));
    };
    process.on("uncaughtException", end);
    process.on("unhandledRejection", end);
  }

  /** False when the process is about to end. */
  async #openOperationServer(): Promise<boolean> {
    const { config, isQuickstart, log } = this.#options;
    const where = config.metricsListener;
    if (where === null) return true;
    const logger = log.named("ottla.http");
    try {
      const view = nodeView(this.#ports.process, () => this.#broker);
      this.#operation = await openOperationServer(where, view);
      logger.info(`/metrics and /healthz on http://${where.host}:${this.#operation.port}`);
      return true;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      const problem = `ottla.metrics.listener ${where.host}:${where.port} cannot be opened: ${code}`;
      if (!isQuickstart) {
        this.#fail(problem);
        return false;
      }
      logger.warn(`${problem}; going on without /metrics and /healthz`);
      return true;
    }
  }

  #serving(broker: Broker): void {
    this.#broker = broker;
    const { config, log } = this.#options;
    const id = config.nodeId;
    const acceptor = log.named("kafka.network.DataPlaneAcceptor");
    for (const listener of config.listeners)
      acceptor.info(`Awaiting socket connections on ${addressOf(listener, broker)}.`);
    log
      .named("kafka.server.BrokerServer")
      .info(`[BrokerServer id=${id}] Transition from STARTING to STARTED`);
    const versions = log.named("org.apache.kafka.common.utils.AppInfoParser");
    versions.info(`Kafka version: ${KAFKA_VERSION}`);
    versions.info(`Ottla version: ${OTTLA_VERSION}`);
    log.named("kafka.server.KafkaRaftServer").info(`[KafkaRaftServer nodeId=${id}] Kafka Server started`);
    // Written now, because a process that is killed has no end at which to write it.
    flushCompileCache();
  }

  #fail(problem: string): void {
    this.#main.error(`Exiting Kafka due to fatal exception: ${problem}`);
    process.exit(1);
  }

  #stop(exitCode: number): void {
    const broker = this.#broker;
    // A second signal does not wait; before the node serves there is nothing to close that a start would not
    // repair.
    if (this.#isStopping || broker === null) process.exit(exitCode);
    this.#isStopping = true;
    this.#broker = null;
    const { config, log } = this.#options;
    const logger = log.named("kafka.server.BrokerServer");
    logger.info(`[BrokerServer id=${config.nodeId}] shutting down`);
    broker.close(() => {
      logger.info(`[BrokerServer id=${config.nodeId}] shut down completed`);
      this.#operation?.close();
      process.exit(exitCode);
    });
  }
}

function addressOf({ host, port, listenerName }: Endpoint, broker: Broker): string {
  const shown = host === "" ? "0.0.0.0" : host.includes(":") ? `[${host}]` : host;
  return `${shown}:${port === 0 ? broker.port(listenerName) : port}`;
}
