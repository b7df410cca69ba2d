// BrokerHeartbeat (63), versions 0 to 2: keeps a broker's session and moves it between fenced, unfenced,
// controlled shutdown and gone. A broker is unfenced once it has applied its own registration; it may leave
// once no partition is led by it and all others know. All branching of that state machine is in `nextState`.
import {
  type BrokerHeartbeatRequest,
  type BrokerHeartbeatResponse,
  type ErrorSpec,
  errors,
  makeBrokerHeartbeatResponse,
  toSafeNumber,
} from "@ottla/protocol";
import type { BrokerRegistration } from "../../image/cluster-image.ts";
import type { MetadataRecord } from "../../records/metadata-record.ts";
import type { Decision } from "../decision.ts";
import {
  brokerJoins,
  brokerLeaves,
  directoriesFail,
  registrationChange,
} from "../partition/broker-change.ts";
import { brokerEpochError } from "./broker-epoch.ts";
import { type Decider, type DecisionContext, noChange } from "./decision-context.ts";

type BrokerState = "fenced" | "unfenced" | "controlled-shutdown" | "shutdown-now";

export const brokerHeartbeat: Decider<BrokerHeartbeatRequest, BrokerHeartbeatResponse> = {
  decide: decideBrokerHeartbeat,
  failed: (_request: BrokerHeartbeatRequest, error: ErrorSpec) =>
    makeBrokerHeartbeatResponse({ errorCode: error.code }),
};

function decideBrokerHeartbeat(
  context: DecisionContext,
  request: BrokerHeartbeatRequest,
): Decision<BrokerHeartbeatResponse> {
  const { state, heartbeats, nowMs } = context;
  const error = brokerEpochError(state, request.brokerId, request.brokerEpoch);
  if (error !== null) return noChange(brokerHeartbeat.failed(request, error, null));
  const broker = state.image.cluster.brokers.get(request.brokerId);
  const metadataOffset = toSafeNumber(request.currentMetadataOffset);
  if (broker === undefined || metadataOffset === null) {
    return noChange(brokerHeartbeat.failed(request, errors.INVALID_REQUEST, null));
  }
  heartbeats.touch(broker.id, nowMs, metadataOffset);
  const isCaughtUp = metadataOffset >= broker.epoch;
  const before = presentState(broker);
  const next = nextState(context, broker, request, isCaughtUp);
  const records = next === before ? [] : transition(context, broker, next);
  if (next === "controlled-shutdown" && before !== next) {
    heartbeats.enterControlledShutdown(broker.id, state.nextOffset + records.length - 1);
  }
  records.push(...directoryChanges(context, broker, request));
  const response = makeBrokerHeartbeatResponse({
    isCaughtUp,
    isFenced: next === "fenced" || next === "shutdown-now",
    shouldShutDown: next === "shutdown-now",
  });
  return { records, response, atomic: false };
}

function presentState(broker: BrokerRegistration): BrokerState {
  if (broker.fenced) return "fenced";
  return broker.inControlledShutdown ? "controlled-shutdown" : "unfenced";
}

function nextState(
  context: DecisionContext,
  broker: BrokerRegistration,
  request: BrokerHeartbeatRequest,
  isCaughtUp: boolean,
): BrokerState {
  switch (presentState(broker)) {
    case "fenced":
      if (request.wantShutDown) return "shutdown-now";
      return !request.wantFence && isCaughtUp ? "unfenced" : "fenced";
    case "unfenced":
      if (request.wantFence) return request.wantShutDown ? "shutdown-now" : "fenced";
      if (!request.wantShutDown) return "unfenced";
      return leadsAny(context, broker) ? "controlled-shutdown" : "shutdown-now";
    case "controlled-shutdown":
      if (leadsAny(context, broker)) return "controlled-shutdown";
      return mayLeave(context, broker) ? "shutdown-now" : "controlled-shutdown";
    case "shutdown-now":
      return "shutdown-now";
  }
}

function transition(
  context: DecisionContext,
  broker: BrokerRegistration,
  next: BrokerState,
): MetadataRecord[] {
  switch (next) {
    case "fenced":
    case "shutdown-now":
      return broker.fenced ? [] : fencingRecords(context, broker);
    case "unfenced":
      return [registrationChange(broker, { fenced: false }), ...brokerJoins(context, broker.id)];
    case "controlled-shutdown":
      return [
        registrationChange(broker, { inControlledShutdown: true }),
        ...brokerLeaves(context, broker.id),
      ];
  }
}

/** A broker loses its leaderships, then its place. Also what the end of a session does. */
export function fencingRecords(
  context: Pick<DecisionContext, "state" | "topicSettings">,
  broker: BrokerRegistration,
): MetadataRecord[] {
  return [...brokerLeaves(context, broker.id), registrationChange(broker, { fenced: true })];
}

function leadsAny({ state }: DecisionContext, broker: BrokerRegistration): boolean {
  for (const { partition } of state.partitionsOf(broker.id)) if (partition.leader === broker.id) return true;
  return false;
}

function mayLeave({ state, heartbeats }: DecisionContext, broker: BrokerRegistration): boolean {
  const active = [...state.image.cluster.brokers.values()].filter((other) => !other.fenced);
  return heartbeats.mayLeave(
    broker.id,
    active.map((other) => other.id),
  );
}

function directoryChanges(
  context: DecisionContext,
  broker: BrokerRegistration,
  request: BrokerHeartbeatRequest,
): MetadataRecord[] {
  const { metadataVersion } = context.state.image.features;
  const records: MetadataRecord[] = [];
  const offline = new Set(request.offlineLogDirs);
  const online = broker.directories.filter((directory) => !offline.has(directory));
  // A broker without any directory left stops by itself; an empty list could not be told apart from none.
  if (
    metadataVersion.isDirectoryAssignmentSupported &&
    online.length < broker.directories.length &&
    online.length > 0
  ) {
    records.push(
      registrationChange(broker, { logDirs: online }),
      ...directoriesFail(context, broker.id, offline),
    );
  }
  const cordoned = request.cordonedLogDirs;
  if (metadataVersion.isCordonedLogDirsSupported && cordoned !== null) {
    const isSame =
      cordoned.length === broker.cordonedDirectories.length &&
      cordoned.every((directory) => broker.cordonedDirectories.includes(directory));
    if (!isSame) records.push(registrationChange(broker, { cordonedLogDirs: cordoned }));
  }
  return records;
}
