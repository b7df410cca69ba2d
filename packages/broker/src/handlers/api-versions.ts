// ApiVersions, key 18, versions 0 to 4. Tells which APIs and versions this listener serves, and the features
// of the cluster.
// - The list is made from the table of served APIs: nothing is advertised that is not served.
// - Produce is advertised from version 0, though 0 to 2 are refused: librdkafka needs it (KAFKA-18659).
// - A version above 4 is answered by dispatch as version 0 with UNSUPPORTED_VERSION (KIP-511).
// - v1 throttle time. v3 the client's name and version, INVALID_REQUEST when they are malformed; features
// (KIP-584).
//   v4 lists features whose lowest level is 0, which older clients do not understand (KIP-1022).
// Known gaps: v5, the check of cluster and node (KIP-1242), is newer than the stable versions.
import { features, LATEST_PRODUCTION_METADATA_VERSION, MINIMUM_METADATA_VERSION } from "@ottla/metadata";
import {
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  type ErrorSpec,
  errors,
  makeApiVersionsResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";

const softwareNamePattern = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;
const namesSoftwareFrom = 3;
const listsLevelZeroFrom = 4;

export function handleApiVersions(
  broker: BrokerServices,
  context: RequestContext,
  request: ApiVersionsRequest,
  reply: Reply<ApiVersionsResponse>,
): void {
  if (context.apiVersion >= namesSoftwareFrom) {
    const { clientSoftwareName, clientSoftwareVersion } = request;
    if (!softwareNamePattern.test(clientSoftwareName) || !softwareNamePattern.test(clientSoftwareVersion)) {
      reply(makeApiVersionsResponse({ errorCode: errors.INVALID_REQUEST.code }));
      return;
    }
    context.clientSoftware(clientSoftwareName, clientSoftwareVersion);
  }
  const { image } = broker.metadata;
  reply(
    makeApiVersionsResponse({
      apiKeys: broker.servedApis(context.listenerName).map(({ key: apiKey, minVersion, maxVersion }) => ({
        apiKey,
        minVersion,
        maxVersion,
      })),
      supportedFeatures: supportedFeatures(context.apiVersion >= listsLevelZeroFrom ? 0 : 1),
      finalizedFeaturesEpoch: BigInt(image.offset),
      finalizedFeatures: [...image.features.finalized].map(([name, level]) => ({
        name,
        minVersionLevel: level,
        maxVersionLevel: level,
      })),
    }),
  );
}

export function apiVersionsErrorReply(_request: ApiVersionsRequest, error: ErrorSpec): ApiVersionsResponse {
  return makeApiVersionsResponse({ errorCode: error.code });
}

function supportedFeatures(lowestLevel: number): ApiVersionsResponse.SupportedFeatureKey[] {
  const metadataVersion = {
    name: "metadata.version",
    minVersion: MINIMUM_METADATA_VERSION.level,
    maxVersion: LATEST_PRODUCTION_METADATA_VERSION.level,
  };
  const others = features
    .filter((feature) => feature.minSupportedLevel >= lowestLevel)
    .map(({ name, minSupportedLevel, maxSupportedLevel }) => ({
      name,
      minVersion: minSupportedLevel,
      maxVersion: maxSupportedLevel,
    }));
  return [metadataVersion, ...others];
}
