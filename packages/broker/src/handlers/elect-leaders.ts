// ElectLeaders, key 43, versions 0 to 2. Has the controller elect the preferred leader of partitions, or any
// replica where none that is in sync can lead.
// - Needs ALTER on the cluster, else CLUSTER_AUTHORIZATION_FAILED.
// - No partitions at all: nothing is done. Null: every partition, and only those that changed or could not
// are told. A timeout that is over at once fails all of the request: REQUEST_TIMED_OUT.
// - An election type that does not exist is INVALID_REQUEST.
// - v1 election type (KIP-460) and error code of the whole. v2 flexible.
import {
  type ElectLeadersRequest,
  type ElectLeadersResponse,
  type ErrorSpec,
  errors,
  KafkaError,
  makeElectLeadersResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { requireOnCluster } from "./cluster-permission.ts";

const typesFrom = 1;
const preferred = 0;
const unclean = 1;

export function handleElectLeaders(
  broker: BrokerServices,
  context: RequestContext,
  request: ElectLeadersRequest,
  reply: Reply<ElectLeadersResponse>,
): void {
  requireOnCluster(context, "ALTER");
  const { apiVersion } = context;
  const electionType = apiVersion < typesFrom ? preferred : request.electionType;
  if (electionType !== preferred && electionType !== unclean) {
    throw new KafkaError(errors.INVALID_REQUEST, `no election type ${electionType}`);
  }
  if (request.topicPartitions?.length === 0) {
    reply(makeElectLeadersResponse());
    return;
  }
  if (request.timeoutMs <= 0) {
    reply(failedElections(request, errors.REQUEST_TIMED_OUT, null, apiVersion));
    return;
  }
  const controlled: typeof reply = (response) =>
    reply(response === null || apiVersion >= typesFrom ? response : { ...response, errorCode: 0 });
  broker.controllerChannel.submit(context, { ...request, electionType }, controlled);
}

export function electLeadersErrorReply(
  request: ElectLeadersRequest,
  error: ErrorSpec,
  message: string | null,
  apiVersion: number,
): ElectLeadersResponse {
  return failedElections(request, error, message ?? error.meaning, apiVersion);
}

function failedElections(
  request: ElectLeadersRequest,
  error: ErrorSpec,
  errorMessage: string | null,
  apiVersion: number,
): ElectLeadersResponse {
  const replicaElectionResults = (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode: error.code, errorMessage })),
  }));
  const errorCode = apiVersion < typesFrom ? 0 : error.code;
  return makeElectLeadersResponse({ errorCode, replicaElectionResults });
}
