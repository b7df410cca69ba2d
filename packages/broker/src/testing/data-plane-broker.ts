// A broker's data plane for tests: real partitions, logs and waiting requests on a node of a fake world,
// metadata made of records, and requests given straight to the handlers. Nothing outside of tests imports it.
import { brokerConfigOf } from "@ottla/config";
import { LogManager } from "@ottla/log";
import {
  configResourceTypes,
  DIRECTORY_UNASSIGNED,
  emptyMetadataImage,
  MetadataDelta,
  type MetadataImage,
  type MetadataPublisher,
  type MetadataRecord,
  metadataRecord,
} from "@ottla/metadata";
import { createNodeZip, type FakeNode, FakeWorld, plainLoggers, Slices } from "@ottla/ports";
import {
  buildBatch,
  makePartitionChangeRecord,
  makePartitionRecord,
  makeRegisterBrokerRecord,
  makeRegisterBrokerRecordBrokerEndpoint,
  type Offset,
  type Uuid,
  Writer,
} from "@ottla/protocol";
import { type Authorizer, allowAll } from "../authorizer/authorizer.ts";
import type { BrokerServices } from "../broker-services.ts";
import { openDataPlane } from "../data-plane.ts";
import { apiTable } from "../dispatch/api-table.ts";
import type { Handler } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { DirectorySettings } from "../lifecycle/directory-settings.ts";
import type { Partition } from "../partition/partition.ts";
import type { PartitionPublisher } from "../partition/partition-publisher.ts";
import { TurnEnd } from "../turn-end.ts";

/** What a test may decide. */
export interface DataPlaneTestOptions {
  readonly seed?: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly authorizer?: Authorizer;
}

/** A request under way. */
export interface Asked<Response> {
  /** Undefined: not answered yet. */
  answer: Response | null | undefined;
  /** Runs when the answer left. */
  sent: (() => void) | undefined;
  isAppended: boolean;
  closeReason: string | null;
  /** The connection ends. */
  disconnect(): void;
}

/** Of `/data` and of a second log directory. */
const directoryIds: readonly Uuid[] = ["AAAAAAAAAAAAAAAAAAAD5w" as Uuid, "AAAAAAAAAAAAAAAAAAAD6A" as Uuid];
/** More than the work of any metadata here. */
const piecesAtOnceMax = 10_000;

export const topicIds: Readonly<Record<string, Uuid>> = {
  t: "AAAAAAAAAAAAAAAAAAAAZQ" as Uuid,
  u: "AAAAAAAAAAAAAAAAAAAAyg" as Uuid,
  again: "AAAAAAAAAAAAAAAAAAABLw" as Uuid,
};

/** Broker 1; brokers 2 and 3 are registered too. */
export class DataPlaneBroker {
  readonly world: FakeWorld;
  readonly logged: string[] = [];
  /** Told of new metadata after the partitions. */
  readonly publishers: MetadataPublisher[] = [];
  node: FakeNode;
  broker!: BrokerServices;
  readonly #options: DataPlaneTestOptions;
  #publisher!: PartitionPublisher;
  #image: MetadataImage = emptyMetadataImage;

  constructor(options: DataPlaneTestOptions = {}) {
    this.#options = options;
    this.world = new FakeWorld({ seed: options.seed ?? 1 });
    this.node = this.world.node("broker-1", { zip: createNodeZip() });
    const { disk } = this.node.ports;
    const paths = options.settings?.["log.dirs"]?.split(",") ?? ["/data"];
    for (const [index, path] of paths.entries()) {
      disk.makeDirectory(path);
      const identity = "version=1\ncluster.id=5L6g3nShT-eMCtK--X86sw\nnode.id=1";
      const properties = `${identity}\ndirectory.id=${directoryIds[index] ?? ""}\n`;
      disk.replaceFile(`${path}/meta.properties`, new TextEncoder().encode(properties));
    }
    disk.syncDirectory("/");
    this.#open();
    this.apply([1, 2, 3].map(brokerRecord));
  }

  /** Power is lost; the node comes back on what its disk kept, with the same metadata. */
  crashAndRestart(how: "power" | "kill" = "power"): void {
    this.world.crash("broker-1", { how });
    this.node = this.world.restart("broker-1");
    const image = this.#image;
    this.#image = emptyMetadataImage;
    this.#open();
    const records: MetadataRecord[] = [
      ...image.cluster.records({ registerBrokerRecordVersion: 4, partitionRecordVersion: 2 } as never),
    ];
    for (const record of image.topics.records({ partitionRecordVersion: 2 } as never)) records.push(record);
    this.apply(records);
  }

  /** New metadata, published at once. */
  apply(records: readonly MetadataRecord[]): void {
    const delta = new MetadataDelta(this.#image);
    for (const record of records) delta.replay(record);
    const offset = (this.#image.offset + records.length) as Offset;
    this.#image = delta.apply({ offset, epoch: 1, timestampMs: 0 });
    (this.broker.metadata as { image: MetadataImage }).image = this.#image;
    for (const publisher of [this.#publisher, ...this.publishers]) {
      const work = publisher.onMetadataUpdate(delta, this.#image);
      let pieces = 0;
      // Work that takes ever more pieces waits for the disk.
      while (work?.next().done === false) if (++pieces > piecesAtOnceMax) this.world.run({ events: 1 });
    }
  }

  /** A topic led by this broker unless said otherwise. */
  createTopic(
    name: string,
    options: {
      partitions?: number;
      replicas?: number[];
      isr?: number[];
      leader?: number;
      id?: Uuid;
      directory?: null;
    } = {},
  ): void {
    const topicId = options.id ?? (topicIds[name] as Uuid);
    const replicas = options.replicas ?? [1];
    const records: MetadataRecord[] = [metadataRecord("TopicRecord", 0, { name, topicId })];
    for (let index = 0; index < (options.partitions ?? 1); index += 1) {
      const data = makePartitionRecord({
        partitionId: index,
        topicId,
        replicas,
        isr: options.isr ?? replicas,
        leader: options.leader ?? 1,
        leaderEpoch: 0,
        partitionEpoch: 0,
        // Null: the broker chooses.
        directories: replicas.map(() =>
          options.directory === null ? DIRECTORY_UNASSIGNED : (directoryIds[0] as Uuid),
        ),
      });
      records.push(metadataRecord("PartitionRecord", 1, data));
    }
    this.apply(records);
  }

  /** Changes leader or ISR of `name`-0. */
  changePartition(name: string, change: { leader?: number; isr?: number[] }): void {
    const data = makePartitionChangeRecord({
      partitionId: 0,
      topicId: this.#image.topics.byName(name)?.id as Uuid,
      ...(change.leader === undefined ? {} : { leader: change.leader }),
      ...(change.isr === undefined ? {} : { isr: change.isr }),
    });
    this.apply([metadataRecord("PartitionChangeRecord", 0, data)]);
  }

  deleteTopic(name: string): void {
    this.apply([
      metadataRecord("RemoveTopicRecord", 0, { topicId: this.#image.topics.byName(name)?.id as Uuid }),
    ]);
  }

  setTopicConfig(topic: string, name: string, value: string): void {
    this.apply([metadataRecord("ConfigRecord", 0, { resourceType: 2, resourceName: topic, name, value })]);
  }

  /** What the broker does about once a second for partitions without a log. */
  retryLogs(): void {
    this.#publisher.retryLogs();
  }

  setBrokerConfig(name: string, value: string): void {
    const { BROKER: resourceType } = configResourceTypes;
    this.apply([metadataRecord("ConfigRecord", 0, { resourceType, resourceName: "1", name, value })]);
  }

  partition(topic: string = "t", index: number = 0): Partition {
    const found = this.broker.partitions.find(topic, index);
    if (!found) throw new Error("the partition is not there");
    return found;
  }

  /** Gives a request to its handler as a new connection would. */
  ask<Request, Response>(
    handler: Handler<Request, Response>,
    apiVersion: number,
    request: Request,
    context: Partial<RequestContext> = {},
  ): Asked<Response> {
    let gone: (() => void) | null = null;
    const asked: Asked<Response> = {
      answer: undefined,
      sent: undefined,
      isAppended: false,
      closeReason: null,
      disconnect: () => gone?.(),
    };
    const allowedBy = this.#options.authorizer ?? allowAll;
    const isAllowed: RequestContext["isAllowed"] = (operation, resourceType, name) =>
      allowedBy.isAllowed({
        principal: "User:test",
        clientAddress: "10.0.0.9",
        operation,
        resourceType,
        name,
      });
    const full: RequestContext = {
      apiKey: 0,
      apiVersion,
      correlationId: 1,
      clientId: "test",
      principal: "User:test",
      listenerName: "PLAINTEXT",
      clientAddress: "10.0.0.9",
      receivedMs: this.node.ports.clock.monotonicMs(),
      isAllowed,
      allowed: (operation, resourceType, names) =>
        new Set([...names].filter((name) => isAllowed(operation, resourceType, name))),
      appended: () => {
        asked.isAppended = true;
      },
      closeConnection: (reason) => {
        asked.closeReason = reason;
      },
      whenGone: (callback) => {
        gone = callback;
      },
      inSlices: (pieces, done) => {
        this.broker.slices.run("test", pieces, { done });
      },
      answersInSlices: () => {},
      takeBack: () => false,
      keepFrame: () => true,
      clientSoftware: () => {},
      ...context,
    };
    handler(this.broker, full, request, (response, sent) => {
      if (asked.answer !== undefined) throw new Error("a request was answered twice");
      // Whatever is answered can be written in the version of the request.
      const entry = apiTable.find((candidate) => candidate.handler === handler);
      if (response !== null) entry?.codec.encodeResponse(new Writer(), response, apiVersion);
      asked.answer = response;
      asked.sent = sent;
      gone = null;
    });
    return asked;
  }

  /** Runs the world until the request is answered. */
  answered<Response>(asked: Asked<Response>): Response {
    this.world.run({ ms: 60_000, until: () => asked.answer !== undefined });
    const { answer } = asked;
    if (answer === undefined || answer === null) throw new Error("a request was not answered");
    return answer;
  }

  /** Lets everything under way happen. */
  settle(): void {
    this.world.run({ ms: 100 });
  }

  #open(): void {
    const { ports } = this.node;
    const config = brokerConfigOf({
      "node.id": "1",
      "process.roles": "broker,controller",
      "controller.quorum.voters": "1@broker-1:9093",
      "controller.listener.names": "CONTROLLER",
      listeners: "PLAINTEXT://:9092,CONTROLLER://:9093",
      "advertised.listeners": "PLAINTEXT://broker-1:9092",
      "log.dirs": "/data",
      ...this.#options.settings,
    });
    const note = (message: string): void => {
      this.logged.push(message);
    };
    const logger = { debug: note, info: note, warn: note, error: note };
    const turnEnd = new TurnEnd(ports.turn);
    const slices = new Slices(ports);
    let logs: LogManager | null = null;
    const directorySettings = new DirectorySettings(config, () => this.#image);
    LogManager.open(
      {
        ports,
        slices,
        config,
        clusterId: "5L6g3nShT-eMCtK--X86sw",
        requestTurnEnd: turnEnd.request,
        logger,
        topicConfig: () => config.logDefaults,
        isCordoned: (path) => directorySettings.isCordoned(path),
      },
      (result) => {
        if (result instanceof Error) throw result;
        logs = result;
      },
    );
    this.world.run({ until: () => logs !== null });
    if (logs === null) throw new Error("the logs did not open");
    const services = {
      nodeId: 1,
      config,
      ports,
      loggers: plainLoggers(logger),
      logger,
      metadata: { image: emptyMetadataImage },
      slices,
      logs,
      directorySettings,
      turnEnd,
    };
    const dataPlane = openDataPlane({ ...services, blockSource: () => this.broker });
    this.#publisher = dataPlane.partitionPublisher;
    this.broker = { ...services, ...dataPlane } as unknown as BrokerServices;
  }
}

function brokerRecord(brokerId: number): MetadataRecord {
  const endPoint = makeRegisterBrokerRecordBrokerEndpoint({
    name: "PLAINTEXT",
    host: `broker-${brokerId}`,
    port: 9092,
  });
  const data = makeRegisterBrokerRecord({
    brokerId,
    brokerEpoch: BigInt(brokerId),
    endPoints: [endPoint],
    fenced: false,
  });
  return metadataRecord("RegisterBrokerRecord", 1, data);
}

/** A batch of records with these values. */
export function batchOf(
  values: readonly string[],
  fields: Partial<Parameters<typeof buildBatch>[0]> = {},
): Uint8Array {
  const records = values.map((value, index) => ({
    timestamp: 1_735_689_600_000 + index,
    key: null,
    value: new TextEncoder().encode(value),
  }));
  return buildBatch({ records, ...fields }, createNodeZip());
}
