// kafka-console-producer: a record for each line of standard input. Invariants: a prompt only where both ends
// are a terminal; no more than buffer.memory waits to be sent, reading stops meanwhile; what was read is sent
// before the tool ends, also on a signal; failed sends are told and do not change the exit code.
import { type KafkaError, Producer } from "@ottla/client";
import type { GivenOptions } from "../../options/given-options.ts";
import { errorTrace, executionFailed, JavaException } from "../../options/java-exception.ts";
import { OptionError, UsageError } from "../../options/option-error.ts";
import { type OptionTool, optionTool } from "../../options/option-tool.ts";
import { signalExitCodes } from "../../options/process-host.ts";
import { logLine, readSettings, toolEnvironment } from "../../options/tool-client.ts";
import type { Tool, ToolHost, ToolSignal } from "../../options/tool-host.ts";
import { checkBootstrapAddress } from "../client-tool/bootstrap-address.ts";
import { givenName, refuseBoth } from "../client-tool/deprecated-options.ts";
import { keyValueWords } from "../client-tool/given-properties.ts";
import { RecordSender } from "../client-tool/record-sender.ts";
import { checkBootstrapResolves } from "../client-tool/resolvable-bootstrap.ts";
import { consoleProducerOptions, LINE_READER_CLASS } from "./console-producer-options.ts";
import { LineMessageReader, type LineRecord } from "./line-message-reader.ts";
import { LineSplitter } from "./line-splitter.ts";
import { producerSettings } from "./producer-settings.ts";

const ERROR_LOGGER = "org.apache.kafka.clients.producer.internals.ErrorLoggingCallback";

const tool: OptionTool = {
  about: "This tool helps to read data from standard input and publish it to Kafka.",
  table: consoleProducerOptions,
  optionErrors: "usage",
  async run(given, host) {
    const names = checkOptions(given, host);
    try {
      const lines = new LineMessageReader(readerProperties(given, host, names.readerProperty));
      const settings = producerSettings(given, host, names.config, names.property);
      await checkBootstrapResolves(settings, "producer", host);
      const producer = new Producer(settings, toolEnvironment(host));
      return await new ConsoleProducer(given, host, lines, producer).run();
    } catch (error) {
      if (error instanceof UsageError) throw error;
      host.err(error instanceof OptionError ? `${error.message}\n` : errorTrace(error));
      return 1;
    }
  },
};

/** kafka-console-producer. */
export const consoleProducerTool: Tool = optionTool(tool);

/** Under which of two names each option was given. */
interface GivenNames {
  readonly config: string;
  readonly property: string;
  readonly readerProperty: string;
}

function checkOptions(given: GivenOptions, host: ToolHost): GivenNames {
  given.require("topic");
  refuseBoth(given, "command-config", "producer.config");
  refuseBoth(given, "command-property", "producer-property");
  refuseBoth(given, "reader-property", "property");
  const names = {
    property: givenName(given, { old: "producer-property", now: "command-property" }, host, "Warning:"),
    config: givenName(given, { old: "producer.config", now: "command-config" }, host, "Warning:"),
    readerProperty: givenName(given, { old: "property", now: "reader-property" }, host, "Warning:"),
  };
  checkBootstrapAddress(given.value("bootstrap-server"));
  return names;
}

function readerProperties(given: GivenOptions, host: ToolHost, option: string): Record<string, string> {
  const reader = given.valueOr("line-reader");
  if (reader !== LINE_READER_CLASS) throw new JavaException("java.lang.ClassNotFoundException", reader);
  const fromFile = readSettings(host, given.value("reader-config"));
  const texts = Object.entries(fromFile).map(([key, value]) => [key, String(value)] as const);
  return { ...Object.fromEntries(texts), ...keyValueWords(given.values(option)) };
}

/** Bytes; null where there are none. */
interface RecordSize {
  readonly key: number | null;
  readonly value: number | null;
}

class ConsoleProducer {
  readonly #host: ToolHost;
  readonly #topic: string;
  readonly #isSync: boolean;
  readonly #lines: LineMessageReader;
  readonly #producer: Producer;
  readonly #sender: RecordSender;
  readonly #prompt: string;
  #signal: ToolSignal | null = null;
  /** Ends the wait for input. */
  #wake: () => void = () => {};

  constructor(given: GivenOptions, host: ToolHost, lines: LineMessageReader, producer: Producer) {
    this.#host = host;
    this.#topic = given.valueOr("topic");
    this.#isSync = given.has("sync");
    this.#lines = lines;
    this.#producer = producer;
    this.#sender = new RecordSender(producer, host.ports.turn, (error, _, size) => {
      if (error !== null) this.#tellFailure(size as RecordSize, error);
    });
    this.#prompt = host.input.isTerminal && host.outIsTerminal ? ">" : "";
  }

  async run(): Promise<number> {
    const stopListening = this.#host.onSignal((signal) => {
      this.#signal = signal;
      this.#wake();
    });
    let code = 0;
    try {
      await this.#readAll();
    } catch (error) {
      this.#host.err(errorTrace(error));
      code = 1;
    }
    await this.#sender.close();
    stopListening();
    return this.#signal === null ? code : signalExitCodes[this.#signal];
  }

  async #readAll(): Promise<void> {
    const splitter = new LineSplitter();
    const chunks = this.#host.input.chunks()[Symbol.asyncIterator]();
    this.#host.out(this.#prompt);
    while (this.#signal === null) {
      const chunk = await this.#nextChunk(chunks);
      if (chunk === null) break;
      await this.#sendAll(splitter.push(chunk));
    }
    if (this.#signal === null) await this.#sendAll(splitter.end());
  }

  #nextChunk(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(null);
      chunks.next().then(({ done, value }) => resolve(done === true ? null : value), reject);
    });
  }

  async #sendAll(lines: readonly Uint8Array[]): Promise<void> {
    for (const line of lines) {
      if (this.#signal !== null) return;
      const record = this.#lines.read(line);
      if (this.#isSync) await this.#sendSync(record);
      else {
        const mayGoOn = this.#sendLater(record);
        if (mayGoOn !== null) await mayGoOn;
      }
      this.#host.out(this.#prompt);
    }
  }

  async #sendSync(record: LineRecord): Promise<void> {
    try {
      await this.#producer.send({ topic: this.#topic, ...record });
    } catch (error) {
      throw executionFailed(error);
    }
  }

  #sendLater(record: LineRecord): Promise<void> | null {
    const size: RecordSize = { key: record.key?.length ?? null, value: record.value?.length ?? null };
    return this.#sender.send({ topic: this.#topic, ...record }, size);
  }

  #tellFailure({ key, value }: RecordSize, error: KafkaError): void {
    const shown = (length: number | null): string => (length === null ? "null" : `${length} bytes`);
    const told = `key: ${shown(key)}, value: ${shown(value)} with error:`;
    logLine(
      this.#host,
      "ERROR",
      `Error when sending message to topic ${this.#topic} with ${told}`,
      ERROR_LOGGER,
    );
    this.#host.err(errorTrace(error));
  }
}
