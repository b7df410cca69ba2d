// The options of kafka-dump-log.
import { flag, type Option } from "../../options/option.ts";
import { OptionTable } from "../../options/option-table.ts";
import { DEFAULT_DECODER_CLASS } from "./decoders/class-decoders.ts";

function decoderClass(name: string, meaning: string): Option {
  return { name, argument: "optional", meaning, default: DEFAULT_DECODER_CLASS };
}

function size(name: string, meaning: string, standard: string): Option {
  return { name, argument: "required", type: "Integer", placeholder: "size", meaning, default: standard };
}

export const dumpLogOptions: OptionTable = new OptionTable([
  flag("print-data-log", "Prints keys and payloads of records. Every decoder option sets it too."),
  flag("verify-index-only", "Compares indexes with their log without printing their entries."),
  flag(
    "index-sanity-check",
    "Makes only the check that a starting broker makes to see whether an index has to be rebuilt.",
  ),
  {
    name: "files",
    argument: "required",
    placeholder: "file1, file2, ...",
    meaning: "REQUIRED: Files to dump, by commas: segments, indexes, producer snapshots, metadata snapshots.",
  },
  size("max-message-size", "Bytes of the largest batch that an index may lead to.", "5242880"),
  size("max-bytes", "Reads no more than so many bytes of each log file.", "2147483647"),
  flag(
    "deep-iteration",
    "Walks the records of each batch, compressed ones too. --print-data-log sets it too.",
  ),
  decoderClass("value-decoder-class", "How payloads are shown: the class of a decoder that Kafka ships."),
  decoderClass("key-decoder-class", "How keys are shown: the class of a decoder that Kafka ships."),
  flag("offsets-decoder", "Shows records as those of __consumer_offsets."),
  flag("transaction-log-decoder", "Shows records as those of __transaction_state."),
  flag("cluster-metadata-decoder", "Shows records as those of __cluster_metadata."),
  flag("remote-log-metadata-decoder", "Shows records as those of __remote_log_metadata."),
  flag("share-group-state-decoder", "Shows records as those of __share_group_state."),
  flag("skip-record-metadata", "Leaves offsets, times and sizes of records out, and control records."),
]);
