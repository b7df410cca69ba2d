// A controller and the loader of one node, for tests: requests in, responses and images out, over a log in
// memory and under a fake clock.
import { type BrokerConfig, resolveBrokerConfig } from "@ottla/config";
import { createNodeCrypto, FakeWorld, NotedLogger, type Ports, Slices } from "@ottla/ports";
import {
  type ApiMessages,
  apiKeys,
  makeBrokerHeartbeatRequest,
  makeBrokerRegistrationRequest,
  makeCreateTopicsRequest,
  makeCreateTopicsRequestCreatableTopic,
  type Uuid,
} from "@ottla/protocol";
import { bootstrapFeatures } from "../../format/bootstrap-features.ts";
import { bootstrapRecords } from "../../format/format-directory.ts";
import type { MetadataImage } from "../../image/metadata-image.ts";
import { MetadataLoader } from "../../loader/metadata-loader.ts";
import { MemoryMetaLog, MemoryMetaLogStore } from "../../meta-log/engines/memory.ts";
import { Controller } from "../controller.ts";
import { supportedFeatures } from "../controller-registration.ts";

export const CLUSTER = "wYart7pTRQaBmxuySsmbIQ";

export function uuid(number: number): Uuid {
  return `AAAAAAAAAAAAAAA${String(number).padStart(6, "0")}A` as Uuid;
}

function brokerConfig(settings: Readonly<Record<string, string>> = {}): BrokerConfig {
  const properties = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    listeners: "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
    "controller.quorum.voters": "1@localhost:9093",
    "log.dirs": "/data",
    ...settings,
  };
  const entries = Object.entries(properties).map(([key, value], line) => ({
    key,
    value,
    file: "test",
    line,
  }));
  const resolved = resolveBrokerConfig(entries as unknown as Parameters<typeof resolveBrokerConfig>[0]);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.config;
}

export type Key = keyof ApiMessages;

/** A controller and the loader of one node. */
export class ControllerBench {
  readonly world: FakeWorld = new FakeWorld({ seed: 5 });
  readonly ports: Ports = this.world.node("one", { crypto: createNodeCrypto() }).ports;
  readonly store: MemoryMetaLogStore = new MemoryMetaLogStore();
  readonly metaLog: MemoryMetaLog = new MemoryMetaLog(this.store, this.ports.turn);
  readonly loader: MetadataLoader = new MetadataLoader({
    metaLog: this.metaLog,
    slices: new Slices(this.ports),
    onFault: (cause) => this.faults.push(cause),
  });
  readonly faults: Error[] = [];
  readonly resignations: Error[] = [];
  controller: Controller;

  constructor(settings: Readonly<Record<string, string>> = {}, release: string | null = null) {
    this.loader.start();
    this.controller = this.open(settings, release);
  }

  open(settings: Readonly<Record<string, string>> = {}, release: string | null = null): Controller {
    const features = bootstrapFeatures(release, new Map());
    if ("problem" in features) throw new Error(features.problem);
    let result: Controller | Error | null = null;
    const options = {
      ports: this.ports,
      metaLog: this.metaLog,
      config: brokerConfig(settings),
      clusterId: CLUSTER,
      logger: new NotedLogger(),
      slices: new Slices(this.ports),
      bootstrapRecords: bootstrapRecords(features, []),
      onResigned: (cause: Error) => this.resignations.push(cause),
    };
    Controller.open(options, (opened) => {
      result = opened;
    });
    this.world.run({ until: () => result !== null });
    const opened = result as Controller | Error | null;
    if (!(opened instanceof Controller)) throw opened ?? new Error("the controller does not open");
    return opened;
  }

  get image(): MetadataImage {
    return this.loader.image;
  }

  start<K extends Key>(
    apiKey: K,
    request: ApiMessages[K]["request"],
    apiVersion = 99,
  ): ApiMessages[K]["response"][] {
    const responses: ApiMessages[K]["response"][] = [];
    const context = { apiKey, apiVersion, principal: "User:ANONYMOUS", clientId: null };
    this.controller.submit(context, request, (response: ApiMessages[K]["response"]) =>
      responses.push(response),
    );
    return responses;
  }

  call<K extends Key>(
    apiKey: K,
    request: ApiMessages[K]["request"],
    apiVersion = 99,
  ): ApiMessages[K]["response"] {
    const responses = this.start(apiKey, request, apiVersion);
    this.world.run({ until: () => responses.length > 0 });
    this.awaitPublished();
    if (responses.length !== 1) throw new Error(`a request was answered ${responses.length} times`);
    return responses[0] as ApiMessages[K]["response"];
  }

  /** Until the node's image is what is committed. */
  awaitPublished(): void {
    let isPublished = false;
    this.loader.whenPublished(() => {
      isPublished = true;
    });
    this.world.run({ until: () => isPublished });
  }

  register(
    id: number,
    options: { incarnation?: number; directory?: number; previousEpoch?: bigint; rack?: string } = {},
  ): {
    errorCode: number;
    epoch: bigint;
  } {
    const { errorCode, brokerEpoch } = this.call(
      apiKeys.BrokerRegistration,
      makeBrokerRegistrationRequest({
        brokerId: id,
        clusterId: CLUSTER,
        incarnationId: uuid(options.incarnation ?? 100 + id),
        listeners: [{ name: "PLAINTEXT", host: "localhost", port: 9092, securityProtocol: 0 }],
        features: supportedFeatures().map((feature) => ({ ...feature })),
        rack: options.rack ?? null,
        logDirs: [uuid(options.directory ?? 200 + id)],
        previousBrokerEpoch: options.previousEpoch ?? -1n,
      }),
    );
    return { errorCode, epoch: brokerEpoch };
  }

  heartbeat(
    id: number,
    epoch: bigint,
    wants: { wantFence?: boolean; wantShutDown?: boolean; metadataOffset?: bigint } = {},
  ): ApiMessages[typeof apiKeys.BrokerHeartbeat]["response"] {
    const { wantFence = false, wantShutDown = false, metadataOffset = BigInt(this.image.offset) } = wants;
    const request = {
      brokerId: id,
      brokerEpoch: epoch,
      currentMetadataOffset: metadataOffset,
      wantFence,
      wantShutDown,
    };
    return this.call(apiKeys.BrokerHeartbeat, makeBrokerHeartbeatRequest(request));
  }

  join(id: number, rack?: string): bigint {
    const { epoch } = this.register(id, rack === undefined ? {} : { rack });
    if (this.heartbeat(id, epoch).isFenced) throw new Error(`broker ${id} stays fenced`);
    return epoch;
  }

  create(name: string, options: Partial<Topic> = {}, validateOnly = false): CreateResult {
    const topic = makeCreateTopicsRequestCreatableTopic({
      name,
      numPartitions: 1,
      replicationFactor: 1,
      ...options,
    });
    const request = makeCreateTopicsRequest({ topics: [topic], validateOnly });
    return this.call(apiKeys.CreateTopics, request).topics[0] as CreateResult;
  }
}

export type Topic = ApiMessages[typeof apiKeys.CreateTopics]["request"]["topics"][number];
export type CreateResult = ApiMessages[typeof apiKeys.CreateTopics]["response"]["topics"][number];

export function assignment(...lists: number[][]): Partial<Topic> {
  const assignments = lists.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }));
  return { numPartitions: -1, replicationFactor: -1, assignments };
}
