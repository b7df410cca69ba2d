// DescribeConfigs, key 32, versions 1 to 4. Settings of topics, brokers, groups, client metrics and loggers,
// with where each value comes from.
// - Needs DESCRIBE_CONFIGS on the topic, the group, or the cluster; a denied resource tells nothing but the
// error.
// - Null keys mean all, and so does an empty list. Unknown keys are left out.
// - A topic that is not there is UNKNOWN_TOPIC_OR_PARTITION; another broker's id, or an empty name where one
// is needed, INVALID_REQUEST.
//   A type of resource without settings fails the whole request with INVALID_REQUEST.
// - Secrets have no value. v1 sources and synonyms, v3 types and documentation.
// Known gaps: Kafka's own settings have no documentation text.
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
import { configResourceTypes, type MetadataImage } from "@ottla/metadata";
import { endsPiece, type Pieces } from "@ottla/ports";
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
  const asked = { broker, context, request, image: broker.metadata.image };
  context.inSlices(describeAll(asked), (results) => reply(makeDescribeConfigsResponse({ results })));
}

/** A request, and the one image that all of its answer comes from. */
interface Asked {
  readonly broker: BrokerServices;
  readonly context: RequestContext;
  readonly request: DescribeConfigsRequest;
  readonly image: MetadataImage;
}

/** Why a resource is not described. Data, not a throw: there may be very many of them. */
class Refusal {
  readonly error: ErrorSpec;
  readonly message: string | null;

  constructor(error: ErrorSpec, message: string | null) {
    this.error = error;
    this.message = message;
  }
}

function* describeAll(asked: Asked): Pieces<Result[]> {
  const { context, request } = asked;
  const results: Result[] = [];
  for (const resource of request.resources) {
    const { resourceType: type, resourceName: name } = resource;
    const denial = configDenial(context, "DESCRIBE_CONFIGS", { type, name });
    const configs = denial === null ? describeResource(asked, type, name) : new Refusal(denial, null);
    if (configs instanceof Refusal) results.push(failedResult(resource, configs.error, configs.message));
    else {
      const keys = yield* keysOf(resource);
      results.push(describedResult(resource, configs, keys, asked));
      // A resource has some forty settings.
      yield;
    }
    if (endsPiece(results.length)) yield;
  }
  return results;
}

/** Null: all. */
function* keysOf({ configurationKeys }: Resource): Pieces<ReadonlySet<string> | null> {
  if (configurationKeys === null || configurationKeys.length === 0) return null;
  const keys = new Set<string>();
  let seen = 0;
  for (const key of configurationKeys) {
    keys.add(key);
    if (endsPiece(++seen)) yield;
  }
  return keys;
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
  keys: ReadonlySet<string> | null,
  { request, context }: Asked,
): Result {
  const { resourceType, resourceName } = resource;
  const wanted = keys === null ? configs : configs.filter(({ name }) => keys.has(name));
  return {
    errorCode: 0,
    errorMessage: "",
    resourceType,
    resourceName,
    configs: wanted.map((config) => toResult(config, request, context.apiVersion)),
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
  // Loggers have an empty one, asked for or not.
  if (version < typesFrom || documentation === "") return "";
  return request.includeDocumentation ? documentation : null;
}

function describeResource(asked: Asked, type: number, name: string): readonly DescribedConfig[] | Refusal {
  const { broker, image } = asked;
  const { topics, configs } = image;
  switch (type) {
    case configResourceTypes.TOPIC: {
      const problem = topicNameProblem(name);
      if (problem !== null) return new Refusal(errors.INVALID_TOPIC_EXCEPTION, problem);
      if (topics.byName(name) === null) return new Refusal(errors.UNKNOWN_TOPIC_OR_PARTITION, "");
      return describeTopicConfigs(configs.of(type, name), layersOf(asked));
    }
    case configResourceTypes.BROKER:
      if (name === "") return describeBrokerDefaults(configs.of(type, ""));
      return idRefusal(broker, name, "or empty string, ") ?? describeBrokerConfigs(layersOf(asked));
    case configResourceTypes.BROKER_LOGGER:
      if (name === "") return new Refusal(errors.INVALID_REQUEST, "Broker id must not be empty");
      return idRefusal(broker, name, "") ?? describeLoggers(broker);
    case configResourceTypes.CLIENT_METRICS:
      return (
        nameRefusal(name, "Client metrics subscription name") ??
        describeClientMetricsConfigs(configs.of(type, name))
      );
    default:
      return nameRefusal(name, "Group name") ?? describeGroupConfigs(configs.of(type, name), layersOf(asked));
  }
}

function layersOf({ broker, image: { configs } }: Asked): BrokerConfigLayers {
  return {
    dynamicBroker: configs.of(configResourceTypes.BROKER, String(broker.nodeId)),
    dynamicDefault: configs.of(configResourceTypes.BROKER, ""),
    static: broker.config.written,
  };
}

function idRefusal(broker: BrokerServices, name: string, orElse: string): Refusal | null {
  if (!/^[+-]?\d{1,10}$/.test(name)) {
    return new Refusal(errors.INVALID_REQUEST, `Broker id must be an integer, but it is: ${name}`);
  }
  if (Number(name) === broker.nodeId) return null;
  const message = `Unexpected broker id, expected ${broker.nodeId} ${orElse}but received ${name}`;
  return new Refusal(errors.INVALID_REQUEST, message);
}

function nameRefusal(name: string, what: string): Refusal | null {
  return name === "" ? new Refusal(errors.INVALID_REQUEST, `${what} must not be empty`) : null;
}

function describeLoggers({ loggers }: BrokerServices): readonly DescribedConfig[] {
  return [...loggers.levels()].map(([name, value]) => ({
    name,
    value,
    readOnly: false,
    source: ConfigSource.DYNAMIC_BROKER_LOGGER_CONFIG,
    isDefault: false,
    isSensitive: false,
    type: 0,
    documentation: "",
    synonyms: [],
  }));
}
