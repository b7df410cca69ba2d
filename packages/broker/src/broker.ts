// One node: broker and controller in one process, from its directories to its sockets and back. Opening: logs
// (which lock their directories and recover), metadata log and controller, image, sockets bound,
// registration, unfenced, accepting. Closing: leave the cluster, answer what is under way, close logs,
// controller, metadata log. Not here: what any of these do.
import type { BrokerConfig, Endpoint } from "@ottla/config";
import {
  isFailingDisk,
  LogManager,
  logDirectoryName,
  type OpeningState,
  readCleanShutdownMarker,
  readMetaProperties,
} from "@ottla/log";
import { type DiskLock, type Loggers, type Ports, Slices, type TimerHandle } from "@ottla/ports";
import type { Uuid } from "@ottla/protocol";
import { type Authorizer, allowAll } from "./authorizer/authorizer.ts";
import type { BrokerServices } from "./broker-services.ts";
import { AutomaticCreations } from "./cluster-view/automatic-creations.ts";
import { Complaints } from "./connection/complaints.ts";
import { GroupCoordination } from "./coordinator/group-coordination.ts";
import { type DataPlane, openDataPlane } from "./data-plane.ts";
import type { ListenerRole } from "./dispatch/api-entry.ts";
import { advertisedApis, findServedApi } from "./dispatch/api-table.ts";
import { BrokerLifecycle } from "./lifecycle/broker-lifecycle.ts";
import { ControllerRole } from "./lifecycle/controller-role.ts";
import { DirectorySettings } from "./lifecycle/directory-settings.ts";
import { LoopWatch } from "./lifecycle/loop-watch.ts";
import { ReplicaDirectories } from "./lifecycle/replica-directories.ts";
import { lifecycleLimits, memoryShares } from "./limits.ts";
import { loggerNames } from "./logger-names.ts";
import { BrokerMetrics } from "./metrics/broker-metrics.ts";
import { cleanerSamples } from "./metrics/cleaner-samples.ts";
import { damageSamples } from "./metrics/damage-samples.ts";
import { directorySamples } from "./metrics/directory-samples.ts";
import { journalSamples } from "./metrics/journal-samples.ts";
import type { TickName } from "./metrics/loop-metrics.ts";
import { LocalControllerChannel } from "./peers/controller-channel.ts";
import { LoopbackPeers } from "./peers/peers.ts";
import { RequestServer } from "./request-server.ts";
import { TurnEnd } from "./turn-end.ts";

/** What a node is made of. Its directories are formatted. */
export interface BrokerOptions {
  readonly ports: Ports;
  readonly config: BrokerConfig;
  readonly loggers: Loggers;
  /** Default: everything is allowed. */
  readonly authorizer?: Authorizer;
  /** What clients are told where an advertised listener names no host. Default: `localhost`. */
  readonly hostName?: string;
  /**
   * A loop that is silent for broker.session.timeout.ms ends the process. For a broker with a process of its
   * own; default: no.
   */
  readonly isLoopWatched?: boolean;
  /** Told after each log while logs are opened and recovered. */
  readonly progress?: (state: OpeningState) => void;
}

/** Why a node does not start: one line for the user. */
export class BrokerStartError extends Error {
  override readonly name: string = "BrokerStartError";
}

/** A node that serves. */
export class Broker {
  readonly services: BrokerServices;
  readonly metrics: BrokerMetrics;
  readonly #role: ControllerRole;
  readonly #server: RequestServer;
  readonly #lifecycle: BrokerLifecycle;
  readonly #dataPlane: DataPlane;
  readonly #groups: GroupCoordination;
  readonly #metadataLock: DiskLock | null;
  readonly #loopWatch: LoopWatch | null;
  #timer: TimerHandle | null = null;
  #isClosing = false;

  private constructor(parts: BrokerParts) {
    this.services = parts.services;
    this.metrics = parts.services.metrics;
    this.#role = parts.role;
    this.#server = parts.server;
    this.#lifecycle = parts.lifecycle;
    this.#dataPlane = parts.dataPlane;
    this.#groups = parts.groups;
    this.#metadataLock = parts.metadataLock;
    this.#loopWatch = parts.loopWatch;
    if (parts.loopWatch !== null) this.metrics.add(parts.loopWatch);
  }

  /** Starts a node. `done` runs once, in a later turn: when clients are served, or with what stopped it. */
  static open(options: BrokerOptions, done: (result: Broker | BrokerStartError) => void): void {
    new BrokerStart(options, (parts) => new Broker(parts), done).run();
  }

  /** Where a listener is bound, also when its configured port is 0; null when there is none of that name. */
  port(listenerName: string): number | null {
    return this.#server.port(listenerName);
  }

  get connectionCount(): number {
    return this.#server.connectionCount;
  }

  /** Begins the work that belongs to no request. */
  startTicking(): void {
    const { ports, logs, metrics, turnEnd, slices } = this.services;
    slices.observe((work, ms) => metrics.loop.sliceTook(work, ms));
    metrics.loop.start(ports);
    turnEnd.observe({
      nowMs: () => ports.clock.monotonicMs(),
      phaseTook: (phase, ms) => metrics.loop.phaseTook(phase, ms),
    });
    const timed = (name: TickName, work: () => void): void => {
      const beganMs = ports.clock.monotonicMs();
      work();
      metrics.loop.tickTook(name, ports.clock.monotonicMs() - beganMs);
    };
    const tick = (): void => {
      this.#timer = ports.timers.set(lifecycleLimits.tickMs, tick);
      if (!logs.directories.some(({ isOnline }) => isOnline)) {
        // Only a new process may trust the disk again; until then another broker can lead.
        ports.process.halt(1, "every log directory is offline");
        return;
      }
      const { metadataLogDir } = this.services.config;
      if (logs.directoryAt(metadataLogDir)?.isOnline === false) {
        ports.process.halt(1, `the log directory of the metadata log is offline: ${metadataLogDir}`);
        return;
      }
      const nowMs = ports.clock.monotonicMs();
      this.#loopWatch?.tick(nowMs, this.connectionCount);
      timed("logs", () => logs.tick(nowMs));
      timed("logs", () => this.#dataPlane.partitionPublisher.retryLogs());
      timed("controller", () => this.#role.tick(nowMs));
      timed("groups", () => this.#groups.tick());
    };
    this.#timer = ports.timers.set(lifecycleLimits.tickMs, tick);
  }

  /**
   * A clean stop: leaves the cluster, answers what is under way, closes and marks every log. `done` runs
   * once.
   */
  close(done: () => void): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const { logs, ports, loggers, metrics, config } = this.services;
    const drain = (): void => {
      // Members that wait for others are told to look for another coordinator.
      this.#groups.close();
      this.#server.close(() => {
        if (this.#timer !== null) ports.timers.clear(this.#timer);
        metrics.loop.stop(ports);
        this.#loopWatch?.stop();
        this.#dataPlane.waiting.close();
        logs.close(this.#lifecycle.epoch, () => {
          this.#role.close((error) => {
            if (error !== null)
              loggers
                .named(loggerNames.controller)
                .error("the metadata log did not close", { cause: error.message });
            this.#metadataLock?.release();
            done();
          });
        });
      });
    };
    if (config.controlledShutdownEnable) this.#lifecycle.leave(drain);
    else {
      this.#lifecycle.stop();
      drain();
    }
  }
}

interface BrokerParts {
  readonly services: BrokerServices;
  readonly role: ControllerRole;
  readonly server: RequestServer;
  readonly lifecycle: BrokerLifecycle;
  readonly dataPlane: DataPlane;
  readonly groups: GroupCoordination;
  readonly metadataLock: DiskLock | null;
  readonly loopWatch: LoopWatch | null;
}

/** The steps of a start, each begun by the one before. */
class BrokerStart {
  readonly #options: BrokerOptions;
  readonly #make: (parts: BrokerParts) => Broker;
  readonly #done: (result: Broker | BrokerStartError) => void;
  readonly #turnEnd: TurnEnd;
  readonly #slices: Slices;
  #previousEpoch = -1;
  #clusterId = "" as Uuid;
  #metadataLock: DiskLock | null = null;
  #role: ControllerRole | null = null;
  readonly #directorySettings: DirectorySettings;
  #replicaDirectories: ReplicaDirectories | null = null;

  constructor(
    options: BrokerOptions,
    make: (parts: BrokerParts) => Broker,
    done: (result: Broker | BrokerStartError) => void,
  ) {
    this.#options = options;
    this.#make = make;
    this.#done = done;
    this.#turnEnd = new TurnEnd(options.ports.turn);
    this.#slices = new Slices(options.ports);
    this.#directorySettings = new DirectorySettings(options.config, () => this.#role?.loader.image ?? null);
  }

  run(): void {
    const { config, ports } = this.#options;
    const problem = this.#readDirectories();
    if (problem !== null) ports.turn.nextSlice(() => this.#fail(problem));
    else if (!config.isBroker || !config.isController) {
      const reason = "process.roles must be broker,controller: other roles are not supported yet";
      ports.turn.nextSlice(() => this.#fail(reason));
    } else this.#openLogs();
  }

  #fail(reason: string, cause?: unknown): void {
    this.#done(new BrokerStartError(reason, cause === undefined ? undefined : { cause }));
  }

  /** Null, or why the directories cannot be used. */
  #readDirectories(): string | null {
    const { config, ports } = this.#options;
    const epochs = new Set<number>();
    for (const directory of new Set([config.metadataLogDir, ...config.logDirs])) {
      try {
        const properties = readMetaProperties(ports.disk, directory);
        if (properties === null) {
          return `${directory} is not formatted (no meta.properties): run kafka-storage.sh format first`;
        }
        this.#clusterId = properties.clusterId as Uuid;
        if (!config.logDirs.includes(directory)) continue;
        epochs.add(readCleanShutdownMarker(ports.disk, directory)?.brokerEpoch ?? -1);
      } catch (error) {
        // One of several log directories whose disk fails is offline from the start.
        const mayBeOffline = directory !== config.metadataLogDir && config.logDirs.length > 1;
        if (!isFailingDisk(error) || !mayBeOffline) return (error as Error).message;
        epochs.add(-1);
      }
    }
    const [epoch = -1] = epochs;
    // Directories that stopped under different epochs did not all stop cleanly.
    this.#previousEpoch = epochs.size === 1 ? epoch : -1;
    return null;
  }

  #openLogs(): void {
    const { config, ports, loggers, progress } = this.#options;
    const { memoryLimitBytes } = config;
    LogManager.open(
      {
        ...(progress === undefined ? {} : { progress }),
        ...(memoryLimitBytes > 0
          ? {
              tailCacheBytesMax: Math.floor(memoryLimitBytes / memoryShares.tailCache),
              readLentBytesMax: Math.floor(memoryLimitBytes / memoryShares.readBuffers),
            }
          : {}),
        ports,
        slices: this.#slices,
        config,
        clusterId: this.#clusterId,
        requestTurnEnd: this.#turnEnd.request,
        moved: (log) => this.#replicaDirectories?.moved(log),
        isCordoned: (path) => this.#directorySettings.isCordoned(path),
        moveBytesPerSecond: () => this.#directorySettings.moveBytesPerSecond,
        logger: loggers.named(loggerNames.logs),
        // A topic's own settings come with the first image, before anything is appended.
        topicConfig: () => config.logDefaults,
      },
      (logs) => {
        if (logs instanceof Error) this.#fail(logs.message, logs);
        else this.#openRole(logs);
      },
    );
  }

  #openRole(logs: LogManager): void {
    const { config, ports, loggers } = this.#options;
    const abort = (reason: string, cause?: unknown): void => logs.close(-1, () => this.#fail(reason, cause));
    if (!config.logDirs.includes(config.metadataLogDir)) {
      this.#metadataLock = ports.disk.lock(config.metadataLogDir);
      if (this.#metadataLock === null) {
        abort(`${config.metadataLogDir}: another process uses this directory (.lock is held)`);
        return;
      }
    }
    const onFatal = (reason: string, cause: Error): void => {
      loggers
        .named(loggerNames.broker)
        .error("stopping: this node cannot go on", { reason, cause: cause.message });
      ports.process.halt(1, `${reason}: ${cause.message}`);
    };
    const slices = this.#slices;
    const logger = loggers.named(loggerNames.controller);
    ControllerRole.open({ ports, config, clusterId: this.#clusterId, logger, slices, onFatal }, (role) => {
      if (role instanceof Error) {
        this.#metadataLock?.release();
        abort(role.message, role);
      } else {
        this.#role = role;
        this.#bind(logs, role);
      }
    });
  }

  #bind(logs: LogManager, role: ControllerRole): void {
    const { services, dataPlane, groups } = this.#services(logs, role);
    // Before the broker registers, so that it never leads what it has not opened.
    role.loader.addPublisher(dataPlane.partitionPublisher);
    role.loader.addPublisher(groups, () => {
      this.#setStraysAside(logs, role);
      this.#listen(logs, role, { services, dataPlane, groups });
    });
  }

  #listen(
    logs: LogManager,
    role: ControllerRole,
    { services, dataPlane, groups }: Pick<BrokerParts, "services" | "dataPlane" | "groups">,
  ): void {
    const { config, ports, loggers } = this.#options;
    const server = new RequestServer(services);
    server.listen(config.listeners, (error) => {
      if (error !== null) {
        server.close(() => {
          logs.close(-1, () => role.close(() => this.#fail(error.message, error)));
        });
        return;
      }
      const directoriesThatAre = (online: boolean): Uuid[] =>
        logs.directories.flatMap(({ id, isOnline }) => (id !== null && isOnline === online ? [id] : []));
      const lifecycle = new BrokerLifecycle(services, {
        endpoints: this.#advertisedEndpoints(server),
        logDirs: directoriesThatAre(true),
        offlineLogDirs: () => directoriesThatAre(false),
        cordonedLogDirs: () =>
          logs.directories.flatMap(({ id, path }) =>
            id !== null && this.#directorySettings.isCordoned(path) ? [id] : [],
          ),
        previousEpoch: this.#previousEpoch,
      });
      this.#replicaDirectories = new ReplicaDirectories(services, () => lifecycle.epoch);
      role.loader.addPublisher(this.#replicaDirectories);
      role.loader.addPublisher({
        name: "broker lifecycle",
        onMetadataUpdate: (_delta, image) => lifecycle.imageChanged(image),
      });
      const broker = this.#make({
        services,
        role,
        server,
        lifecycle,
        dataPlane,
        groups,
        metadataLock: this.#metadataLock,
        loopWatch: this.#loopWatch(),
      });
      lifecycle.start((refusal) => {
        if (refusal !== null) {
          broker.close(() => this.#fail(refusal.message, refusal));
          return;
        }
        broker.startTicking();
        server.startAccepting();
        loggers
          .named(loggerNames.broker)
          .info("serving", { clusterId: this.#clusterId, nodeId: config.nodeId });
        ports.turn.nextSlice(() => this.#done(broker));
      });
    });
  }

  #loopWatch(): LoopWatch | null {
    const { config, ports, loggers, isLoopWatched } = this.#options;
    const logger = loggers.named(loggerNames.broker);
    return isLoopWatched ? new LoopWatch(ports.watchdog, config.brokerSessionTimeoutMs, logger) : null;
  }

  /** Logs of partitions that went while this node was away, or that were never its own. */
  #setStraysAside(logs: LogManager, role: ControllerRole): void {
    const { topics } = role.loader.image;
    for (const log of [...logs.logs()]) {
      const registration = topics.byName(log.topic)?.partitions[log.partition];
      if (registration?.replicas.some((id) => id === this.#options.config.nodeId)) continue;
      this.#options.loggers
        .named(loggerNames.logs)
        .warn("setting aside the log of a partition that is not this broker's", {
          topic: log.topic,
          partition: log.partition,
        });
      logs.setAsideStray(log.topic, log.partition);
    }
    for (const { topic, partition } of logs.moves.orphans()) {
      const registration = topics.byName(topic)?.partitions[partition];
      // Its log may be in a directory that is offline; of a partition that is gone nobody misses a copy.
      if (registration === undefined) logs.moves.cancel(logDirectoryName(topic, partition));
    }
  }

  #services(logs: LogManager, role: ControllerRole): Pick<BrokerParts, "services" | "dataPlane" | "groups"> {
    const { config, ports, loggers } = this.#options;
    const dataPlane = openDataPlane({
      config,
      ports,
      logs,
      turnEnd: this.#turnEnd,
      logger: loggers.named(loggerNames.metadata),
      blockSource: () => services,
    });
    const groups = new GroupCoordination({
      slices: this.#slices,
      config,
      ports,
      logger: loggers.named(loggerNames.groups),
      partitions: dataPlane.partitions,
      turnEnd: this.#turnEnd,
      metadata: role.loader,
    });
    const metrics = new BrokerMetrics();
    metrics.add(groups);
    const directories = logs.directories.map(({ path }) => path);
    metrics.add({
      samples: () => cleanerSamples(logs.cleanerMetrics, directories, ports.clock.monotonicMs()),
    });
    metrics.add({ samples: () => damageSamples(logs.damage, logs.scrubMetrics) });
    metrics.add({ samples: () => journalSamples(logs.directories) });
    metrics.add({ samples: () => directorySamples(logs) });
    const listenerRole = (name: string): ListenerRole =>
      config.controllerListenerNames.includes(name) ? "controller" : "broker";
    const advertised = { broker: advertisedApis("broker"), controller: advertisedApis("controller") };
    const services: BrokerServices = {
      ...dataPlane,
      nodeId: config.nodeId,
      clusterId: this.#clusterId,
      config,
      ports,
      slices: this.#slices,
      loggers,
      // The loader has it before the publishers are told.
      metadata: role.loader,
      logs,
      directorySettings: this.#directorySettings,
      turnEnd: this.#turnEnd,
      authorizer: this.#options.authorizer ?? allowAll,
      metrics,
      complaints: new Complaints(loggers.named(loggerNames.connections)),
      controllerChannel: new LocalControllerChannel(role, ports.turn),
      peers: new LoopbackPeers({
        nodeId: config.nodeId,
        findApi: (key) => findServedApi(key, "broker") ?? findServedApi(key, "controller"),
        broker: () => services,
      }),
      automaticCreations: new AutomaticCreations(),
      groupCoordinator: groups.coordinator,
      listenerRole,
      servedApis: (name) => advertised[listenerRole(name)],
    };
    return { services, dataPlane, groups };
  }

  /** What clients are told: bound ports where the configuration says 0, and a host in any case. */
  #advertisedEndpoints(server: RequestServer): readonly Endpoint[] {
    const { config, hostName = "localhost" } = this.#options;
    return config.advertisedListeners
      .filter(({ listenerName }) => !config.controllerListenerNames.includes(listenerName))
      .map((endpoint) => ({
        ...endpoint,
        host: endpoint.host === "" ? hostName : endpoint.host,
        port: endpoint.port === 0 ? (server.port(endpoint.listenerName) ?? 0) : endpoint.port,
      }));
  }
}
