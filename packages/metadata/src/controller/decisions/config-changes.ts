// Changes of stored settings: checks and records, for one resource at a time. Used by both ways to alter
// settings and by creating topics. Not here: what a setting may be (@ottla/config), who may change it (the
// handlers).
import {
  BROKER_CONFIGS,
  describeTopicConfigs,
  TOPIC_CONFIGS,
  validateClientMetricsConfigs,
  validateGroupConfigs,
  validateTopicConfigs,
} from "@ottla/config";
import { errors, topicNameProblem } from "@ottla/protocol";
import { ELR_VERSION_FEATURE } from "../../features/feature.ts";
import { type ConfigResource, configResourceTypes } from "../../image/configs-image.ts";
import type { MetadataImage } from "../../image/metadata-image.ts";
import { CONFIG_VALUE_CHARACTERS_MAX } from "../../limits.ts";
import { type MetadataRecord, metadataRecord } from "../../records/metadata-record.ts";
import { type DecisionContext, type Refusal, refusal } from "./decision-context.ts";

const MIN_INSYNC_REPLICAS = "min.insync.replicas";

/** New values by name; null removes. Names that are not there keep their value. */
export type ConfigChanges = ReadonlyMap<string, string | null>;

/** Records for a new topic's settings, and the settings themselves. */
export function newTopicConfigs(
  context: DecisionContext,
  topic: string,
  configs: readonly { readonly name: string; readonly value: string | null }[],
): { readonly records: readonly MetadataRecord[]; readonly entries: ReadonlyMap<string, string> } | Refusal {
  const nulls = configs.filter(({ value }) => value === null).map(({ name }) => name);
  if (nulls.length > 0) {
    return refusal(errors.INVALID_CONFIG, `Null value not supported for topic configs: ${nulls.join(",")}`);
  }
  const changes = new Map(configs.map(({ name, value }) => [name, value]));
  // What a topic of this name had before went with it.
  const resource = { type: configResourceTypes.TOPIC, name: topic };
  const records = configRecords(context, resource, changes, new Map());
  if ("error" in records) return records;
  return { records, entries: changes as ReadonlyMap<string, string> };
}

/** Why nobody can say what these changes mean: no value where one is needed, or a setting named twice. */
export function unclearChanges(
  changes: readonly { readonly name: string; readonly value: string | null }[],
): Refusal | null {
  const nulls = changes.filter(({ value }) => value === null).map(({ name }) => name);
  if (nulls.length > 0)
    return refusal(errors.INVALID_REQUEST, `Null value not supported for : ${nulls.join(",")}`);
  if (new Set(changes.map(({ name }) => name)).size < changes.length)
    return refusal(errors.INVALID_REQUEST, "Error due to duplicate config keys");
  return null;
}

/** Records that change the settings of an existing resource. */
export function alteredConfigs(
  context: DecisionContext,
  resource: ConfigResource,
  changes: ConfigChanges,
): readonly MetadataRecord[] | Refusal {
  const missing = missingResource(context, resource);
  if (missing !== null) return missing;
  const current = context.state.image.configs.of(resource.type, resource.name);
  return configRecords(context, resource, changes, current);
}

/** True for settings whose value is a list, which alone can be appended to; Kafka knows two kinds. */
export function isListConfig({ type }: ConfigResource, name: string): boolean {
  if (type === configResourceTypes.TOPIC) return TOPIC_CONFIGS.get(name)?.type === "list";
  return type === configResourceTypes.BROKER && BROKER_CONFIGS.get(name)?.type === "list";
}

/**
 * A list that is appended to or subtracted from: the resource's own value, for a topic else what holds for
 * it.
 */
export function listBefore(
  { state, config }: DecisionContext,
  resource: ConfigResource,
  name: string,
): string {
  const { configs } = state.image;
  const own = configs.of(resource.type, resource.name);
  if (resource.type !== configResourceTypes.TOPIC) return own.get(name) ?? "";
  const described = describeTopicConfigs(own, {
    dynamicBroker: configs.of(configResourceTypes.BROKER, String(config.nodeId)),
    dynamicDefault: configs.of(configResourceTypes.BROKER, ""),
    static: config.written,
  });
  return described.find((setting) => setting.name === name)?.value ?? "";
}

function missingTopic(image: MetadataImage, name: string): Refusal | null {
  if (name === "") return refusal(errors.INVALID_REQUEST, "There are no defaults of all topics to change.");
  const problem = topicNameProblem(name);
  if (problem !== null) return refusal(errors.INVALID_TOPIC_EXCEPTION, problem);
  if (image.topics.byName(name) !== null) return null;
  return refusal(errors.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`);
}

function missingResource({ state }: DecisionContext, { type, name }: ConfigResource): Refusal | null {
  if (type === configResourceTypes.TOPIC) return missingTopic(state.image, name);
  if (type !== configResourceTypes.BROKER || name === "") return null;
  if (!/^[+-]?\d{1,10}$/.test(name)) return refusal(errors.INVALID_REQUEST, `Invalid broker name ${name}`);
  const { brokers, controllers } = state.image.cluster;
  if (brokers.has(Number(name)) || controllers.has(Number(name))) return null;
  return refusal(errors.BROKER_ID_NOT_REGISTERED, `No node with id ${name} found.`);
}

function configRecords(
  context: DecisionContext,
  resource: ConfigResource,
  changes: ConfigChanges,
  current: ReadonlyMap<string, string>,
): readonly MetadataRecord[] | Refusal {
  const after = new Map(current);
  const records: MetadataRecord[] = [];
  for (const [name, value] of changes) {
    if (value !== null && value.length > CONFIG_VALUE_CHARACTERS_MAX) {
      return refusal(
        errors.INVALID_CONFIG,
        "The configuration value cannot be added because it exceeds the maximum value size of " +
          `${CONFIG_VALUE_CHARACTERS_MAX} bytes.`,
      );
    }
    if (value === null) after.delete(name);
    else after.set(name, value);
    // A broker acts on every record about it, so that saying a thing again makes it reload files.
    const isSame = (current.get(name) ?? null) === value;
    if (isSame && resource.type !== configResourceTypes.BROKER) continue;
    const fields = { resourceType: resource.type, resourceName: resource.name, name, value };
    records.push(metadataRecord("ConfigRecord", 0, fields));
  }
  const refused =
    valueRefusal(context, resource, after, changes) ?? minIsrRefusal(context, resource, changes);
  if (refused !== null) return refused;
  return [...records, ...elrRecords(context, resource, records)];
}

function valueRefusal(
  context: DecisionContext,
  { type, name }: ConfigResource,
  after: ReadonlyMap<string, string>,
  changes: ConfigChanges,
): Refusal | null {
  const brokerSettings = context.topicSettings.brokerTexts(context.state.image);
  if (type === configResourceTypes.TOPIC) {
    // A topic may hold settings that another version knew: only new unknown ones are refused.
    const checked = [...after].filter(([setting]) => changes.has(setting) || TOPIC_CONFIGS.has(setting));
    const problem = validateTopicConfigs(new Map(checked), { brokerSettings });
    return problem === undefined ? null : refusal(errors.INVALID_CONFIG, problem);
  }
  if (type === configResourceTypes.GROUP) {
    if (name === "") return refusal(errors.INVALID_REQUEST, "Default group resources are not allowed.");
    const problem = validateGroupConfigs(after, { brokerSettings });
    return problem === undefined ? null : refusal(errors.INVALID_CONFIG, problem);
  }
  if (type !== configResourceTypes.CLIENT_METRICS) return null;
  if (name === "") return refusal(errors.INVALID_REQUEST, "Subscription name can't be empty");
  const problem = validateClientMetricsConfigs(after);
  return problem === undefined ? null : refusal(errors[problem.error], problem.message);
}

function minIsrRefusal(
  { state }: DecisionContext,
  { type, name }: ConfigResource,
  changes: ConfigChanges,
): Refusal | null {
  const value = changes.get(MIN_INSYNC_REPLICAS);
  if (type !== configResourceTypes.BROKER || value === undefined) return null;
  if (state.image.features.level(ELR_VERSION_FEATURE) === 0) return null;
  if (name !== "") {
    const text = "Broker-level min.insync.replicas cannot be altered while ELR is enabled.";
    return refusal(errors.INVALID_CONFIG, text);
  }
  if (value !== null) return null;
  const text = "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.";
  return refusal(errors.INVALID_CONFIG, text);
}

// Another minimum makes old eligibility meaningless (KIP-966).
function elrRecords(
  { state }: DecisionContext,
  { type, name }: ConfigResource,
  records: readonly MetadataRecord[],
): readonly MetadataRecord[] {
  const concerns = type === configResourceTypes.TOPIC || (type === configResourceTypes.BROKER && name === "");
  if (!concerns || state.image.features.level(ELR_VERSION_FEATURE) === 0) return [];
  const changesMinimum = records.some(
    (record) => record.name === "ConfigRecord" && record.data.name === MIN_INSYNC_REPLICAS,
  );
  return changesMinimum ? [metadataRecord("ClearElrRecord", 0, { topicName: name })] : [];
}
