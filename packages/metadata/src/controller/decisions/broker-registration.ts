// BrokerRegistration (62), versions 0 to 4: a broker process says who it is and gets its epoch. It starts
// fenced. A process that holds a log directory of the registered incarnation has taken it over: directories
// are locked, so the former process is dead, and its session need not be waited for. Without a common
// directory a running broker of the same id is a duplicate.
import {
  type BrokerRegistrationRequest,
  type BrokerRegistrationResponse,
  type ErrorSpec,
  errors,
  makeBrokerRegistrationResponse,
  type NodeId,
  type Uuid,
} from "@ottla/protocol";
import { isReservedDirectory } from "../../directory-id.ts";
import { METADATA_VERSION_FEATURE } from "../../features/feature.ts";
import type { BrokerRegistration } from "../../image/cluster-image.ts";
import { type MetadataRecord, metadataRecord } from "../../records/metadata-record.ts";
import type { Decision } from "../decision.ts";
import { brokerLeaves, brokerShutDownUncleanly } from "../partition/broker-change.ts";
import { type Decider, type DecisionContext, noChange } from "./decision-context.ts";

/** From this version on a broker tells the epoch of its last clean shutdown. */
const TELLS_PREVIOUS_EPOCH_FROM = 3;

export const brokerRegistration: Decider<BrokerRegistrationRequest, BrokerRegistrationResponse> = {
  decide: decideBrokerRegistration,
  failed: (_request, error) => makeBrokerRegistrationResponse({ errorCode: error.code, brokerEpoch: -1n }),
};

function decideBrokerRegistration(
  context: DecisionContext,
  request: BrokerRegistrationRequest,
): Decision<BrokerRegistrationResponse> {
  const { state, heartbeats, nowMs } = context;
  const error = refusalOf(context, request);
  if (error !== null) return noChange(brokerRegistration.failed(request, error, null));
  const existing = state.image.cluster.brokers.get(request.brokerId) ?? null;
  if (existing?.incarnationId === request.incarnationId) {
    // The same process tells something new about itself; it keeps its epoch and its state.
    heartbeats.touch(request.brokerId, nowMs, -1);
    return answered([toRecord(context, request, existing)], BigInt(existing.epoch));
  }
  heartbeats.restart(request.brokerId, nowMs);
  const records = existing === null ? [] : recordsOfFormerLife(context, request, existing);
  return answered([...records, toRecord(context, request, null)], BigInt(state.nextOffset));
}

function answered(
  records: readonly MetadataRecord[],
  brokerEpoch: bigint,
): Decision<BrokerRegistrationResponse> {
  return { records, response: makeBrokerRegistrationResponse({ brokerEpoch }), atomic: true };
}

function refusalOf(context: DecisionContext, request: BrokerRegistrationRequest): ErrorSpec | null {
  const { state, heartbeats, clusterId, nowMs } = context;
  if (request.clusterId !== clusterId) return errors.INCONSISTENT_CLUSTER_ID;
  // Brokers that moved over from ZooKeeper ended with 3.9.
  if (request.brokerId < 0 || request.isMigratingZkBroker) return errors.INVALID_REGISTRATION;
  const existing = state.image.cluster.brokers.get(request.brokerId);
  const isOther = existing !== undefined && existing.incarnationId !== request.incarnationId;
  if (isOther && heartbeats.hasValidSession(request.brokerId, nowMs)) {
    const tookOver = request.logDirs.some((directory) => existing.directories.includes(directory));
    if (!tookOver) return errors.DUPLICATE_BROKER_REGISTRATION;
  }
  return directoryRefusal(context, request) ?? featureRefusal(context, request);
}

function featureRefusal({ state }: DecisionContext, request: BrokerRegistrationRequest): ErrorSpec | null {
  const supported = new Map(request.features.map((feature) => [feature.name, feature]));
  if (!supported.has(METADATA_VERSION_FEATURE)) return errors.INVALID_REGISTRATION;
  for (const [name, level] of state.image.features.finalized) {
    const range = supported.get(name);
    const { minSupportedVersion: min, maxSupportedVersion: max } = range ?? {
      minSupportedVersion: 0,
      maxSupportedVersion: 0,
    };
    if (level < min || level > max) return errors.UNSUPPORTED_VERSION;
  }
  return null;
}

function directoryRefusal({ state }: DecisionContext, request: BrokerRegistrationRequest): ErrorSpec | null {
  const { cluster, features } = state.image;
  if (!features.metadataVersion.isDirectoryAssignmentSupported) return null;
  const asked = new Set<Uuid>(request.logDirs);
  if (asked.size === 0 || asked.size !== request.logDirs.length) return errors.INVALID_REGISTRATION;
  if (request.logDirs.some(isReservedDirectory)) return errors.INVALID_REGISTRATION;
  for (const broker of cluster.brokers.values()) {
    if (broker.id === request.brokerId) continue;
    if (broker.directories.some((directory) => asked.has(directory))) return errors.INVALID_REGISTRATION;
  }
  return null;
}

function recordsOfFormerLife(
  context: DecisionContext,
  request: BrokerRegistrationRequest,
  existing: BrokerRegistration,
): MetadataRecord[] {
  const tells = context.request.apiVersion >= TELLS_PREVIOUS_EPOCH_FROM;
  const isClean = !tells || request.previousBrokerEpoch === BigInt(existing.epoch);
  const brokerId = request.brokerId as NodeId;
  return isClean ? brokerLeaves(context, brokerId) : brokerShutDownUncleanly(context, brokerId);
}

/** `kept`: the registration of this very process, whose state goes on. */
function toRecord(
  { state }: DecisionContext,
  request: BrokerRegistrationRequest,
  kept: BrokerRegistration | null,
): MetadataRecord {
  const { metadataVersion } = state.image.features;
  const version = metadataVersion.registerBrokerRecordVersion;
  return metadataRecord("RegisterBrokerRecord", version, {
    brokerId: request.brokerId,
    incarnationId: request.incarnationId,
    brokerEpoch: BigInt(kept?.epoch ?? state.nextOffset),
    endPoints: request.listeners.map(({ name, host, port, securityProtocol }) => ({
      name,
      host,
      port,
      securityProtocol,
    })),
    features: request.features.map(({ name, minSupportedVersion, maxSupportedVersion }) => ({
      name,
      minSupportedVersion,
      maxSupportedVersion,
    })),
    rack: request.rack,
    fenced: kept?.fenced ?? true,
    inControlledShutdown: kept?.inControlledShutdown ?? false,
    logDirs: version >= 3 ? [...request.logDirs] : [],
    cordonedLogDirs: version >= 4 ? [...(kept?.cordonedDirectories ?? [])] : null,
  });
}
