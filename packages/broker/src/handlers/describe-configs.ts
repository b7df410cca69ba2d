// DescribeConfigs, key 32, versions 1 to 4. Settings of topics, brokers, groups, client metrics and loggers,
// with where each value comes from.
// - Needs DESCRIBE_CONFIGS on the topic, the group, or the cluster; a denied resource tells nothing but the
// error.
// - Null keys mean all, and so does an empty list. Unknown keys are left out.
// - A topic that is not there is UNKNOWN_TOPIC_OR_PARTITION; another broker's id, or an empty name where one
// is needed, INVALID_REQUEST.
//   A type of resource without settings fails the whole request with INVALID_REQUEST.
// - Secrets have no value. v1 sources and synonyms, v3 types and documentation.
// Known gaps: of loggers only the root's level is told; Kafka's own settings have no documentation text.
import {
  type BrokerConfigLayers,
  ConfigSource,
  type DescribedConfig,
  describeBrokerConfigs,
  describeBrokerDefaults,
  describeClientMetricsConfigs,
  describeGroupConfigs,
  describeTopicConfigs,
} from "@ottla/config";
import { configResourceTypes } from "@ottla/metadata";
import {
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
  type ErrorSpec,
  errors,
  KafkaError,
  makeDescribeConfigsResponse,
  topicNameProblem,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { configDenial, isConfigResourceType } from "./config-permission.ts";

type Resource = DescribeConfigsRequest.DescribeConfigsResource;
type Result = DescribeConfigsResponse.DescribeConfigsResult;
type ResourceResult = DescribeConfigsResponse.DescribeConfigsResourceResult;

const typesFrom = 3;

export function handleDescribeConfigs(
  broker: BrokerServices,
  context: RequestContext,
  request: DescribeConfigsRequest,
  reply: Reply<DescribeConfigsResponse>,
): void {
  for (const { resourceType } of request.resources) {
    if (!isConfigResourceType(resourceType)) {
      throw new KafkaError(errors.INVALID_REQUEST, `Unexpected resource type ${resourceType}`);
    }
  }
  const results = request.resources.map((resource) => {
    const { resourceType: type, resourceName: name } = resource;
    const denial = configDenial(context, "DESCRIBE_CONFIGS", { type, name });
    if (denial !== null) return failedResult(resource, denial, null);
    try {
      const configs = describeResource(broker, type, name);
      return describedResult(resource, configs, request, context.apiVersion);
    } catch (error) {
      if (error instanceof KafkaError) return failedResult(resource, error.spec, error.message);
      throw error;
    }
  });
  reply(makeDescribeConfigsResponse({ results }));
}

export function describeConfigsErrorReply(
  request: DescribeConfigsRequest,
  error: ErrorSpec,
  message: string | null,
): DescribeConfigsResponse {
  const results = request.resources.map((resource) => failedResult(resource, error, message));
  return makeDescribeConfigsResponse({ results });
}

function failedResult(resource: Resource, error: ErrorSpec, message: string | null): Result {
  const { resourceType, resourceName } = resource;
  const errorMessage = message ?? error.meaning;
  return { errorCode: error.code, errorMessage, resourceType, resourceName, configs: [] };
}

function describedResult(
  resource: Resource,
  configs: readonly DescribedConfig[],
  request: DescribeConfigsRequest,
  version: number,
): Result {
  const { resourceType, resourceName, configurationKeys } = resource;
  const keys = configurationKeys === null ? [] : configurationKeys;
  const wanted = keys.length === 0 ? configs : configs.filter(({ name }) => keys.includes(name));
  return {
    errorCode: 0,
    errorMessage: "",
    resourceType,
    resourceName,
    configs: wanted.map((config) => toResult(config, request, version)),
  };
}

function toResult(config: DescribedConfig, request: DescribeConfigsRequest, version: number): ResourceResult {
  const { name, value, readOnly, source, isSensitive, synonyms, type, documentation } = config;
  const tellsType = version >= typesFrom;
  return {
    name,
    value,
    readOnly,
    configSource: source,
    isSensitive,
    synonyms: request.includeSynonyms ? synonyms.map((synonym) => ({ ...synonym })) : [],
    configType: tellsType ? type : 0,
    documentation: documentationOf(documentation, request, version),
  };
}

/** Null when it was not asked for; versions that have no such field say nothing. */
function documentationOf(
  documentation: string | null,
  request: DescribeConfigsRequest,
  version: number,
): string | null {
  if (version < typesFrom) return "";
  return request.includeDocumentation ? documentation : null;
}

function describeResource(broker: BrokerServices, type: number, name: string): readonly DescribedConfig[] {
  const { topics, configs } = broker.metadata.image;
  switch (type) {
    case configResourceTypes.TOPIC: {
      const problem = topicNameProblem(name);
      if (problem !== null) throw new KafkaError(errors.INVALID_TOPIC_EXCEPTION, problem);
      if (topics.byName(name) === null) throw new KafkaError(errors.UNKNOWN_TOPIC_OR_PARTITION, "");
      return describeTopicConfigs(configs.of(type, name), layersOf(broker));
    }
    case configResourceTypes.BROKER: {
      if (name === "") return describeBrokerDefaults(configs.of(type, ""));
      checkOwnId(broker, name, "or empty string, ");
      return describeBrokerConfigs(layersOf(broker));
    }
    case configResourceTypes.BROKER_LOGGER:
      if (name === "") throw new KafkaError(errors.INVALID_REQUEST, "Broker id must not be empty");
      checkOwnId(broker, name, "");
      return [rootLogger];
    case configResourceTypes.CLIENT_METRICS:
      requireName(name, "Client metrics subscription name");
      return describeClientMetricsConfigs(configs.of(type, name));
    default:
      requireName(name, "Group name");
      return describeGroupConfigs(configs.of(type, name), layersOf(broker));
  }
}

function layersOf(broker: BrokerServices): BrokerConfigLayers {
  const { configs } = broker.metadata.image;
  return {
    dynamicBroker: configs.of(configResourceTypes.BROKER, String(broker.nodeId)),
    dynamicDefault: configs.of(configResourceTypes.BROKER, ""),
    static: broker.config.written,
  };
}

function checkOwnId(broker: BrokerServices, name: string, orElse: string): void {
  if (!/^[+-]?\d{1,10}$/.test(name)) {
    throw new KafkaError(errors.INVALID_REQUEST, `Broker id must be an integer, but it is: ${name}`);
  }
  if (Number(name) === broker.nodeId) return;
  const message = `Unexpected broker id, expected ${broker.nodeId} ${orElse}but received ${name}`;
  throw new KafkaError(errors.INVALID_REQUEST, message);
}

function requireName(name: string, what: string): void {
  if (name === "") throw new KafkaError(errors.INVALID_REQUEST, `${what} must not be empty`);
}

const rootLogger: DescribedConfig = {
  name: "root",
  value: "INFO",
  readOnly: false,
  source: ConfigSource.DYNAMIC_BROKER_LOGGER_CONFIG,
  isDefault: false,
  isSensitive: false,
  type: 0,
  documentation: "",
  synonyms: [],
};
