// The sub-commands of kafka-storage and their options: Kafka's names and synopses, help texts of our own.
import type { Argument, ArgumentCommand } from "../options/argument-parser.ts";

const config: Argument = {
  long: "--config",
  short: "-c",
  placeholder: "CONFIG",
  isRequired: true,
  meaning: "the server.properties of the node",
};

const releaseVersion: Argument = {
  long: "--release-version",
  short: "-r",
  placeholder: "RELEASE_VERSION",
  meaning: "take the feature levels of this release; 4.3-IV0 when left out",
};

const feature: Argument = {
  long: "--feature",
  short: "-f",
  placeholder: "FEATURE",
  isRepeatable: true,
  meaning: "feature=level; may be repeated",
};

const INDENT = " ".repeat(21);

export const storageUsage: string = [
  "usage: kafka-storage [-h]",
  `${INDENT}{info,format,version-mapping,feature-dependencies,random-uuid}`,
  `${INDENT}...`,
].join("\n");

export const infoCommand: ArgumentCommand = {
  name: "info",
  usage: "usage: kafka-storage info [-h] --config CONFIG",
  meaning: "Tells which log directories this node has and what they say of themselves.",
  options: [config],
};

export const formatCommand: ArgumentCommand = {
  name: "format",
  usage: [
    "usage: kafka-storage format [-h] --config CONFIG --cluster-id CLUSTER_ID",
    `${INDENT}[--add-scram ADD_SCRAM] [--ignore-formatted]`,
    `${INDENT}[--release-version RELEASE_VERSION]`,
    `${INDENT}[--feature FEATURE] [--standalone |`,
    `${INDENT}--no-initial-controllers |`,
    `${INDENT}--initial-controllers INITIAL_CONTROLLERS]`,
  ].join("\n"),
  meaning: "Prepares the log directories of this node.",
  options: [
    config,
    {
      long: "--cluster-id",
      short: "-t",
      placeholder: "CLUSTER_ID",
      isRequired: true,
      meaning: "the id of the cluster, as random-uuid makes one; the same on every node",
    },
    {
      long: "--add-scram",
      short: "-S",
      placeholder: "ADD_SCRAM",
      isRepeatable: true,
      meaning: "a user to begin with: 'SCRAM-SHA-256=[name=NAME,password=PASSWORD]'; may be repeated",
    },
    {
      long: "--ignore-formatted",
      short: "-g",
      placeholder: null,
      meaning: "leave directories alone that are formatted already",
    },
    releaseVersion,
    feature,
    {
      long: "--standalone",
      short: "-s",
      placeholder: null,
      group: 1,
      meaning: "this controller is the whole quorum, for now",
    },
    {
      long: "--no-initial-controllers",
      short: "-N",
      placeholder: null,
      group: 1,
      meaning: "the quorum exists already; this controller joins it later",
    },
    {
      long: "--initial-controllers",
      short: "-I",
      placeholder: "INITIAL_CONTROLLERS",
      group: 1,
      meaning: "the controllers to begin with, as id@host:port:directory-id,…; the same on every node",
    },
  ],
};

export const versionMappingCommand: ArgumentCommand = {
  name: "version-mapping",
  usage: `usage: kafka-storage version-mapping [-h]\n${INDENT}[--release-version RELEASE_VERSION]`,
  meaning: "Prints the feature levels that belong to a release.",
  options: [releaseVersion],
};

export const featureDependenciesCommand: ArgumentCommand = {
  name: "feature-dependencies",
  usage: "usage: kafka-storage feature-dependencies [-h] --feature FEATURE",
  meaning: "Prints what each given feature level needs.",
  options: [{ ...feature, isRequired: true }],
};

export const randomUuidCommand: ArgumentCommand = {
  name: "random-uuid",
  usage: "usage: kafka-storage random-uuid [-h]",
  meaning: "Prints a new random id.",
  options: [],
};
