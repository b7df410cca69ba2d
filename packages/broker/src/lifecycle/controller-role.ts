// The controller side of a node: the metadata log, the active controller on it, and the image that follows
// the log. A metadata log that fails, or a record that cannot be understood, ends the process: going on would
// mean acting on a picture that nobody shares. Not here: the broker's registration (broker-lifecycle.ts).
import type { BrokerConfig } from "@ottla/config";
import {
  BOOTSTRAP_FILE,
  Controller,
  EmbeddedMetaLog,
  MetadataLoader,
  type MetadataRecord,
  readBootstrapFile,
  SnapshotGenerator,
} from "@ottla/metadata";
import type { Logger, Ports, Slices } from "@ottla/ports";

/** What the role is made of. The metadata log directory is locked by the caller. */
export interface ControllerRoleOptions {
  readonly ports: Ports;
  readonly config: BrokerConfig;
  readonly clusterId: string;
  readonly logger: Logger;
  readonly slices: Slices;
  /** The node can no longer go on. */
  readonly onFatal: (reason: string, cause: Error) => void;
}

/** The metadata of a cluster whose one controller is this node. */
export class ControllerRole {
  readonly controller: Controller;
  readonly loader: MetadataLoader;
  readonly #metaLog: EmbeddedMetaLog;
  readonly #snapshots: SnapshotGenerator;

  private constructor(
    metaLog: EmbeddedMetaLog,
    controller: Controller,
    loader: MetadataLoader,
    snapshots: SnapshotGenerator,
  ) {
    this.#metaLog = metaLog;
    this.controller = controller;
    this.loader = loader;
    this.#snapshots = snapshots;
  }

  /**
   * Opens the log, takes the controller's role, and loads the image; `done` runs when both stand at the log's
   * end.
   */
  static open(options: ControllerRoleOptions, done: (result: ControllerRole | Error) => void): void {
    const { ports, config, clusterId, logger, slices, onFatal } = options;
    let metaLog: EmbeddedMetaLog;
    let bootstrapRecords: MetadataRecord[];
    try {
      metaLog = openMetaLog(options);
      bootstrapRecords = readBootstrap(ports, config.metadataLogDir);
    } catch (error) {
      ports.turn.nextSlice(() => done(error as Error));
      return;
    }
    const onResigned = (cause: Error): void => onFatal("the controller resigned", cause);
    Controller.open(
      { ports, metaLog, config, clusterId, logger, slices, bootstrapRecords, onResigned },
      (controller) => {
        if (controller instanceof Error) {
          metaLog.close(() => done(controller));
          return;
        }
        const onFault = (cause: Error): void => onFatal("the metadata log cannot be followed", cause);
        const loader = new MetadataLoader({ metaLog, slices, onFault });
        const snapshots = new SnapshotGenerator({
          metaLog,
          slices,
          clock: ports.clock,
          recordBytesMax: config.metadataLogMaxRecordBytesBetweenSnapshots,
          intervalMsMax: config.metadataLogMaxSnapshotIntervalMs,
          onFailed: (cause) => logger.error("a metadata snapshot failed", { cause: cause.message }),
        });
        loader.addPublisher(snapshots);
        const role = new ControllerRole(metaLog, controller, loader, snapshots);
        const end = metaLog.tail - 1;
        const isLoaded = { name: "controller role", onMetadataUpdate: (): void => {} };
        const check = (): void => {
          if (loader.image.offset < end) return;
          isLoaded.onMetadataUpdate = () => {};
          // Not inside a publisher: those to come would hear of this image twice.
          ports.turn.nextSlice(() => {
            loader.removePublisher(isLoaded);
            done(role);
          });
        };
        isLoaded.onMetadataUpdate = check;
        loader.addPublisher(isLoaded);
        loader.start();
      },
    );
  }

  /** Called about once a second, with monotonic time. */
  tick(nowMs: number): void {
    this.controller.tick(nowMs);
    this.#snapshots.tick();
  }

  /** Everything decided is written, then the log is closed. */
  close(done: (error: Error | null) => void): void {
    this.controller.close(() => {
      this.loader.close();
      this.#metaLog.close(done);
    });
  }
}

function openMetaLog({ ports, config, logger, slices }: ControllerRoleOptions): EmbeddedMetaLog {
  return EmbeddedMetaLog.open({
    ports,
    slices,
    metadataLogDir: config.metadataLogDir,
    limits: {
      segmentBytes: config.metadataLogSegmentBytes,
      segmentMs: config.metadataLogSegmentMs,
      retentionBytes: config.metadataMaxRetentionBytes,
      retentionMs: config.metadataMaxRetentionMs,
    },
    staticVoterIds: config.controllerQuorumVoters.map(({ nodeId }) => nodeId),
    logger,
  });
}

/**
 * What a new cluster starts with; nothing where the directory was not formatted by a version that writes it.
 */
function readBootstrap(ports: Ports, metadataLogDir: string): MetadataRecord[] {
  const path = `${metadataLogDir}/${BOOTSTRAP_FILE}`;
  return ports.disk.status(path) === null ? [] : readBootstrapFile(ports.disk.readFile(path));
}
