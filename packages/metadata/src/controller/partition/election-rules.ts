// What the cluster's state and a topic's settings allow when a leader is elected. Not here: the election
// (partition-change.ts).
import { ELR_VERSION_FEATURE } from "../../features/feature.ts";
import type { MetadataImage } from "../../image/metadata-image.ts";
import type { TopicSettings } from "../topic-settings.ts";
import type { ElectionRules } from "./partition-change.ts";

/** The rules for partitions of `topic`, with brokers as active as the image has them. */
export function electionRules(
  { image, topicSettings }: { readonly image: MetadataImage; readonly topicSettings: TopicSettings },
  topic: string,
): ElectionRules {
  const version = image.features.metadataVersion;
  const settings = topicSettings.of(image, topic);
  return {
    isAcceptableLeader: (id) => image.cluster.isActive(id),
    isElrEnabled: version.isElrSupported && image.features.level(ELR_VERSION_FEATURE) > 0,
    minInsyncReplicas: settings.minInsyncReplicas,
    isUncleanElectionEnabled: settings.uncleanLeaderElectionEnable,
    partitionChangeRecordVersion: version.partitionChangeRecordVersion,
    isLeaderEpochBumpRequiredOnIsrShrink: version.isLeaderEpochBumpRequiredOnIsrShrink,
  };
}
