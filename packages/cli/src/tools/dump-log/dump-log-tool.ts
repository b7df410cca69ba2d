// kafka-dump-log: what is in segments, indexes, transaction indexes, producer snapshots and metadata
// snapshots. Needs no broker. Invariant: what was printed before a failure is written before the failure's
// line.
import type { GivenOptions } from "../../options/given-options.ts";
import { type OptionTool, optionTool } from "../../options/option-tool.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";
import { classDecoder } from "./decoders/class-decoders.ts";
import { clusterMetadataDecoder } from "./decoders/cluster-metadata.ts";
import {
  offsetsDecoder,
  shareGroupStateDecoder,
  transactionLogDecoder,
} from "./decoders/coordinator-records.ts";
import type { RecordDecoder } from "./decoders/record-decoder.ts";
import { remoteLogMetadataDecoder } from "./decoders/remote-log-metadata.ts";
import { type DumpFiles, DumpOutput } from "./dump-host.ts";
import { dumpLogFile, type LogDump } from "./dump-log-file.ts";
import { dumpLogOptions } from "./dump-log-options.ts";
import { dumpProducerSnapshot } from "./dump-producer-snapshot.ts";
import { FoundProblems } from "./found-problems.ts";
import { dumpOffsetIndex, type IndexDump } from "./indexes/dump-offset-index.ts";
import { dumpTimeIndex } from "./indexes/dump-time-index.ts";
import { dumpTransactionIndex } from "./indexes/dump-transaction-index.ts";
import { JavaFailure } from "./java-failure.ts";

/** Decoders that an option names; the first one given counts. */
const decoderOptions: readonly (readonly [option: string, decoder: RecordDecoder])[] = [
  ["offsets-decoder", offsetsDecoder],
  ["transaction-log-decoder", transactionLogDecoder],
  ["cluster-metadata-decoder", clusterMetadataDecoder],
  ["remote-log-metadata-decoder", remoteLogMetadataDecoder],
  ["share-group-state-decoder", shareGroupStateDecoder],
];

const tool: OptionTool = {
  about:
    "This tool helps to parse a log file and dump its contents to the console, useful for debugging a seemingly corrupt log segment.",
  table: dumpLogOptions,
  optionErrors: "uncaught",
  async run(given, host) {
    given.require("files");
    const output = new DumpOutput(host);
    try {
      const problems = await dumpFiles(given, host, output);
      await output.flush();
      host.err(problems.text());
      return 0;
    } catch (error) {
      await output.flush();
      if (!(error instanceof JavaFailure)) throw error;
      host.err(`Exception in thread "main" ${error.line}\n`);
      return 1;
    }
  },
};

/** kafka-dump-log. */
export const dumpLogTool: Tool = optionTool(tool);

async function dumpFiles(given: GivenOptions, host: ToolHost, output: DumpOutput): Promise<FoundProblems> {
  const files: DumpFiles = { disk: host.ports.disk, zip: host.ports.zip, absolutePath: host.absolutePath };
  const problems = new FoundProblems();
  for (const name of (given.value("files") ?? "").split(",")) {
    const path = name.replaceAll(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
    output.line(`Dumping ${path}`);
    switch (/\.[^./]*$/.exec(path)?.[0]) {
      case ".log":
      case ".checkpoint":
        problems.gaps.set(files.absolutePath(path), await dumpLogFile(path, logDump(given), files, output));
        break;
      case ".index":
        problems.mismatches.set(
          files.absolutePath(path),
          await dumpOffsetIndex(path, indexDump(given), files, output),
        );
        break;
      case ".timeindex":
        problems.timeIndexes.set(
          files.absolutePath(path),
          await dumpTimeIndex(path, indexDump(given), files, output),
        );
        break;
      case ".snapshot": {
        const damage = dumpProducerSnapshot(path, files, output);
        if (damage !== null) host.err(`${damage}\n`);
        break;
      }
      case ".txnindex":
        dumpTransactionIndex(path, files, output);
        break;
      default:
        await output.flush();
        host.err(`Ignoring unknown file ${path}\n`);
    }
  }
  return problems;
}

function indexDump(given: GivenOptions): IndexDump {
  return {
    sanityOnly: given.has("index-sanity-check"),
    verifyOnly: given.has("verify-index-only"),
    maxMessageSize: given.number("max-message-size") ?? 0,
  };
}

function logDump(given: GivenOptions): LogDump {
  const decoder = givenDecoder(given);
  const printsContents = given.has("print-data-log") || decoder !== null;
  return {
    isDeep: given.has("deep-iteration") || printsContents,
    decoder: printsContents ? (decoder ?? decoderOfClasses(given)) : null,
    skipsMetadata: given.has("skip-record-metadata"),
    maxBytes: given.number("max-bytes") ?? 0,
  };
}

function givenDecoder(given: GivenOptions): RecordDecoder | null {
  for (const [option, decoder] of decoderOptions) if (given.has(option)) return decoder;
  const namesClass = given.has("key-decoder-class") || given.has("value-decoder-class");
  return namesClass ? decoderOfClasses(given) : null;
}

function decoderOfClasses(given: GivenOptions): RecordDecoder {
  return classDecoder(given.valueOr("key-decoder-class"), given.valueOr("value-decoder-class"));
}
