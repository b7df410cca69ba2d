// What a controller registers of itself: where it listens and which feature levels it supports.
import type { BrokerConfig, SecurityProtocol } from "@ottla/config";
import type { NodeId, Uuid } from "@ottla/protocol";
import { features, METADATA_VERSION_FEATURE } from "../features/feature.ts";
import {
  LATEST_PRODUCTION_METADATA_VERSION,
  MINIMUM_METADATA_VERSION,
} from "../features/metadata-version.ts";
import type { ControllerRegistration, SupportedFeature } from "../image/cluster-image.ts";

/** Kafka's ids of security protocols. */
export const securityProtocolIds: { readonly [Name in SecurityProtocol]: number } = {
  PLAINTEXT: 0,
  SSL: 1,
  SASL_PLAINTEXT: 2,
  SASL_SSL: 3,
};

/** Feature levels that this code serves, as brokers and controllers register them. */
export function supportedFeatures(): readonly SupportedFeature[] {
  const others = features.map((feature) => ({
    name: feature.name,
    minSupportedVersion: feature.minSupportedLevel,
    maxSupportedVersion: feature.maxSupportedLevel,
  }));
  const metadataVersion = {
    name: METADATA_VERSION_FEATURE,
    minSupportedVersion: MINIMUM_METADATA_VERSION.level,
    maxSupportedVersion: LATEST_PRODUCTION_METADATA_VERSION.level,
  };
  return [...others, metadataVersion];
}

export function controllerRegistration(config: BrokerConfig, incarnationId: Uuid): ControllerRegistration {
  const advertised = config.advertisedListeners.filter((endpoint) =>
    config.controllerListenerNames.includes(endpoint.listenerName),
  );
  const endpoints = advertised.length > 0 ? advertised : config.controllerListeners;
  return {
    id: config.nodeId as NodeId,
    incarnationId,
    zkMigrationReady: false,
    endpoints: endpoints.map(({ listenerName, host, port, securityProtocol }) => ({
      name: listenerName,
      host: host === "" ? "localhost" : host,
      port,
      securityProtocol: securityProtocolIds[securityProtocol],
    })),
    features: supportedFeatures(),
  };
}
