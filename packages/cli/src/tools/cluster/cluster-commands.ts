// The sub-commands of kafka-cluster and their options.
import type { Argument, ArgumentCommand } from "../../options/argument-parser.ts";

const INDENT = " ".repeat(21);

const connection: readonly Argument[] = [
  {
    long: "--bootstrap-server",
    short: "-b",
    placeholder: "BOOTSTRAP_SERVER",
    group: 1,
    isGroupRequired: true,
    meaning: "host:port of brokers, split by commas, to find the cluster by",
  },
  {
    long: "--bootstrap-controller",
    short: "-C",
    placeholder: "BOOTSTRAP_CONTROLLER",
    group: 1,
    isGroupRequired: true,
    meaning: "host:port of controllers, split by commas, to find the cluster by",
  },
  {
    long: "--config",
    short: "",
    placeholder: "CONFIG",
    meaning: "(DEPRECATED) the former name of --command-config",
  },
  {
    long: "--command-config",
    short: "-c",
    placeholder: "COMMAND_CONFIG",
    meaning: "properties file with settings of the client",
  },
];

function usage(name: string, ...own: readonly string[]): string {
  return [
    `usage: kafka-cluster ${name} [-h] [--config CONFIG]`,
    ...own,
    "(--bootstrap-server BOOTSTRAP_SERVER |",
    "--bootstrap-controller BOOTSTRAP_CONTROLLER)",
  ].join(`\n${INDENT}`);
}

export const clusterUsage: string = "usage: kafka-cluster [-h] {cluster-id,unregister,list-endpoints} ...";

export const clusterIdCommand: ArgumentCommand = {
  name: "cluster-id",
  usage: usage("cluster-id", "[--command-config COMMAND_CONFIG]"),
  meaning: "Tells the id of a cluster.",
  options: connection,
};

export const unregisterCommand: ArgumentCommand = {
  name: "unregister",
  usage: usage("unregister", "[--command-config COMMAND_CONFIG] --id ID"),
  meaning: "Takes a broker out of the cluster's records.",
  options: [
    ...connection,
    {
      long: "--id",
      short: "-i",
      placeholder: "ID",
      isRequired: true,
      type: "Integer",
      meaning: "the broker's id",
    },
  ],
};

export const listEndpointsCommand: ArgumentCommand = {
  name: "list-endpoints",
  usage: usage("list-endpoints", "[--command-config COMMAND_CONFIG]", "[--include-fenced-brokers]"),
  meaning: "Lists where brokers, or controllers, can be reached.",
  options: [
    ...connection,
    {
      long: "--include-fenced-brokers",
      short: "",
      placeholder: null,
      meaning: "list brokers, too, that are fenced",
    },
  ],
};
