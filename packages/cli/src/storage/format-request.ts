// What a `format` command asks for, checked: which features, users and voters the node starts with. Problems
// are Kafka's sentences. Not here: the directories (format-directories.ts).
import type { BrokerConfig } from "@ottla/config";
import {
  type BootstrapFeatures,
  bootstrapFeatures,
  findMetadataVersion,
  type InitialController,
  KRAFT_VERSION_FEATURE,
  METADATA_VERSION_FEATURE,
  type ScramCredential,
} from "@ottla/metadata";
import type { GivenArguments } from "../options/argument-parser.ts";
import { parseInitialControllers } from "./initial-controllers.ts";
import { scramCredentialOf } from "./scram-argument.ts";

/**
 * Where voters come from: the configuration (or a quorum that is joined later), this node, or the command
 * line.
 */
export type Voters =
  | { readonly kind: "configured" }
  | { readonly kind: "standalone" }
  | { readonly kind: "given"; readonly controllers: readonly InitialController[] };

/** A checked command. */
export interface FormatRequest {
  readonly clusterId: string;
  readonly ignoreFormatted: boolean;
  readonly features: BootstrapFeatures;
  readonly scram: readonly ScramCredential[];
  readonly voters: Voters;
}

/** A sentence for the user. */
export interface Problem {
  readonly problem: string;
}

/** Checks the options against the configuration and each other. */
export function formatRequestOf(
  options: GivenArguments,
  config: BrokerConfig,
  randomBytes: (length: number) => Uint8Array,
): FormatRequest | Problem {
  const clusterId = options.get("--cluster-id")?.[0] ?? "";
  if (clusterId.trim() === "") return { problem: "The cluster id must not be empty." };
  const voters = votersOf(options, config);
  if ("problem" in voters) return voters;
  const release = options.get("--release-version")?.[0] ?? null;
  const wanted = wantedFeatures(options.get("--feature") ?? []);
  if ("problem" in wanted) return wanted;
  if (release !== null && wanted.has(METADATA_VERSION_FEATURE)) {
    return { problem: "Use --release-version instead of --feature metadata.version=X to avoid ambiguity." };
  }
  const features = bootstrapFeatures(release, wanted);
  if ("problem" in features) return features;
  const kraft = kraftVersionProblem(options, config, wanted.get(KRAFT_VERSION_FEATURE));
  if (kraft !== null) return kraft;
  const scram: ScramCredential[] = [];
  for (const argument of options.get("--add-scram") ?? []) {
    const credential = scramCredentialOf(argument, randomBytes);
    if ("problem" in credential) return credential;
    scram.push(credential);
  }
  if (scram.length > 0 && !features.metadataVersion.isScramSupported) {
    const first = findMetadataVersion("3.5-IV2")?.name;
    return { problem: `SCRAM is only supported in metadata.version ${first} or later.` };
  }
  return { clusterId, ignoreFormatted: options.has("--ignore-formatted"), features, scram, voters };
}

function votersOf(options: GivenArguments, config: BrokerConfig): Voters | Problem {
  const isStandalone = options.has("--standalone");
  const given = options.get("--initial-controllers")?.[0];
  const hasStaticVoters = config.controllerQuorumVoters.length > 0;
  if (hasStaticVoters && (isStandalone || given !== undefined)) {
    return {
      problem:
        "You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone. " +
        "If you want to use dynamic quorum, please remove controller.quorum.voters and specify " +
        "controller.quorum.bootstrap.servers instead.",
    };
  }
  const isSaid = isStandalone || given !== undefined || options.has("--no-initial-controllers");
  if (config.isController && !hasStaticVoters && !isSaid) {
    return {
      problem:
        "Because controller.quorum.voters is not set on this controller, you must specify one of the following: " +
        "--standalone, --initial-controllers, or --no-initial-controllers.",
    };
  }
  if (isStandalone) {
    return config.isController
      ? { kind: "standalone" }
      : { problem: "You can only use --standalone on a controller." };
  }
  if (given === undefined) return { kind: "configured" };
  const controllers = parseInitialControllers(given, config.controllerListenerNames[0] ?? "CONTROLLER");
  return "problem" in controllers ? controllers : { kind: "given", controllers };
}

function wantedFeatures(texts: readonly string[]): ReadonlyMap<string, number> | Problem {
  const wanted = new Map<string, number>();
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 0) return { problem: `Can't parse feature=level string ${text}: equals sign not found.` };
    const level = text.slice(at + 1).trim();
    if (!/^[+-]?\d{1,5}$/.test(level)) {
      return { problem: `Can't parse feature=level string ${text}: unable to parse ${level} as a short.` };
    }
    wanted.set(text.slice(0, at).trim(), Number(level));
  }
  return wanted;
}

const dynamicQuorum =
  "controller.quorum.voters is empty and one of the flags --standalone, --initial-controllers, or " +
  "--no-initial-controllers is used. For dynamic controllers support, try";

/**
 * Voters in the log need kraft.version 1, configured voters version 0; a level that contradicts is refused.
 */
function kraftVersionProblem(
  options: GivenArguments,
  config: BrokerConfig,
  wanted: number | undefined,
): Problem | null {
  const flags = ["--standalone", "--initial-controllers", "--no-initial-controllers"];
  const isDynamic = config.controllerQuorumVoters.length === 0 && flags.some((flag) => options.has(flag));
  if (wanted === 0 && isDynamic) {
    const cure = "removing the --feature flag for kraft.version.";
    return { problem: `Cannot set kraft.version to 0 if ${dynamicQuorum} ${cure}` };
  }
  if (wanted === 1 && config.isController && !isDynamic) {
    const cure =
      "using one of --standalone, --initial-controllers, or --no-initial-controllers and removing controller.quorum.voters.";
    return { problem: `Cannot set kraft.version to 1 unless ${dynamicQuorum} ${cure}` };
  }
  return null;
}
