// A broker for tests of handlers and dispatch: real services on a node of a fake world, metadata made by
// hand, and a controller that records what it was asked. It has no logs: handlers of the data plane have
// tests of their own.
import { brokerConfigOf } from "@ottla/config";
import {
  ClusterImage,
  configResourceTypes,
  emptyMetadataImage,
  type MetadataImage,
  type TopicImage,
} from "@ottla/metadata";
import { type FakeNode, FakeWorld, type Logger, plainLoggers, Slices } from "@ottla/ports";
import { makeRegisterBrokerRecord, makeRegisterBrokerRecordBrokerEndpoint, type Uuid } from "@ottla/protocol";
import { type Authorizer, allowAll } from "../authorizer/authorizer.ts";
import type { BrokerServices } from "../broker-services.ts";
import { AutomaticCreations } from "../cluster-view/automatic-creations.ts";
import { Complaints } from "../connection/complaints.ts";
import { advertisedApis } from "../dispatch/api-table.ts";
import { BrokerMetrics } from "../metrics/broker-metrics.ts";
import type { ControllerContext } from "../peers/controller-channel.ts";
import { TurnEnd } from "../turn-end.ts";
import {
  type AskedGroups,
  type GroupAnswers,
  scriptedGroupCoordinator,
} from "./scripted-group-coordinator.ts";

/** One request that reached the controller. */
export interface AskedController {
  readonly context: ControllerContext;
  readonly request: unknown;
  answer(response: unknown): void;
}

/** What a test may decide. */
export interface ControlPlaneOptions {
  readonly authorizer?: Authorizer;
  readonly settings?: Readonly<Record<string, string>>;
  readonly topics?: readonly TopicImage[];
  /** Settings of topics, by topic. */
  readonly topicConfigs?: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly seed?: number;
  /** What the group coordinator answers. */
  readonly groups?: GroupAnswers;
}

/** The broker and what it was made of. */
export interface ControlPlaneBroker {
  readonly world: FakeWorld;
  readonly node: FakeNode;
  readonly broker: BrokerServices;
  readonly asked: AskedController[];
  readonly askedGroups: AskedGroups[];
  readonly logged: { readonly level: string; readonly message: string; readonly fields: unknown }[];
}

export const testClusterId = "5L6g3nShT-eMCtK--X86sw" as Uuid;

/** The request that reached the controller as number `index`; throws when none did. */
export function askedRequest<Request>(control: Pick<ControlPlaneBroker, "asked">, index = 0): Request {
  const asked = control.asked[index];
  if (asked === undefined) throw new Error(`the controller was asked ${control.asked.length} times`);
  return asked.request as Request;
}

/** Broker 1 of a cluster of one, listener PLAINTEXT at host `broker-1`, port 9092. */
export function controlPlaneBroker(options: ControlPlaneOptions = {}): ControlPlaneBroker {
  const world = new FakeWorld({ seed: options.seed ?? 1 });
  const node = world.node("broker-1");
  const config = brokerConfigOf({
    "node.id": "1",
    "process.roles": "broker,controller",
    "controller.quorum.voters": "1@broker-1:9093",
    "controller.listener.names": "CONTROLLER",
    listeners: "PLAINTEXT://:9092,CONTROLLER://:9093",
    "advertised.listeners": "PLAINTEXT://broker-1:9092",
    "log.dirs": "/data",
    ...options.settings,
  });
  const logged: ControlPlaneBroker["logged"] = [];
  const log = (level: string) => (message: string, fields?: unknown) => {
    logged.push({ level, message, fields });
  };
  const logger: Logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
  const asked: AskedController[] = [];
  const image = testImage(options);
  const groups = scriptedGroupCoordinator(options.groups);
  const roleOf = (name: string) => (name === "CONTROLLER" ? "controller" : "broker");
  // Handlers under test reach no partitions; whatever does finds undefined.
  const broker = {
    logs: { lentBytes: 0 },
    nodeId: 1,
    clusterId: testClusterId,
    config,
    ports: node.ports,
    slices: new Slices(node.ports),
    loggers: plainLoggers(logger),
    metadata: { image },
    turnEnd: new TurnEnd(node.ports.turn),
    authorizer: options.authorizer ?? allowAll,
    metrics: new BrokerMetrics(),
    complaints: new Complaints(logger),
    controllerChannel: {
      submit: (context: ControllerContext, request: unknown, reply: (response: never) => void) => {
        asked.push({ context, request, answer: reply as (response: unknown) => void });
      },
    },
    automaticCreations: new AutomaticCreations(),
    groupCoordinator: groups.coordinator,
    listenerRole: roleOf,
    servedApis: (name: string) => advertisedApis(roleOf(name)),
  } as unknown as BrokerServices;
  return { world, node, broker, asked, askedGroups: groups.asked, logged };
}

function testImage(options: ControlPlaneOptions): MetadataImage {
  const endPoint = makeRegisterBrokerRecordBrokerEndpoint({
    name: "PLAINTEXT",
    host: "broker-1",
    port: 9092,
  });
  const record = makeRegisterBrokerRecord({
    brokerId: 1,
    brokerEpoch: 5n,
    endPoints: [endPoint],
    fenced: false,
  });
  let { topics, configs } = emptyMetadataImage;
  for (const topic of options.topics ?? []) topics = topics.with(topic);
  for (const [topic, settings] of options.topicConfigs ?? []) {
    for (const [key, value] of Object.entries(settings)) {
      configs = configs.with(configResourceTypes.TOPIC, topic, key, value);
    }
  }
  return { ...emptyMetadataImage, cluster: ClusterImage.empty.registerBroker(record), topics, configs };
}
