// What a transcript is played against: a broker, and tools that talk to it.
import type { StepSignal } from "./parse-transcript.ts";

/** How a command ended. */
export interface CommandEnd {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** A command about to run. */
export interface Command {
  /** The wrapper's name, such as `kafka-topics.sh`. */
  readonly script: string;
  readonly words: readonly string[];
  readonly input: readonly string[];
  readonly signal: StepSignal | null;
  /** Where relative paths begin. */
  readonly directory: string;
}

/** A started broker with its tools. The broker is at localhost on a port of four digits, as 9092 is. */
export interface Peer {
  readonly name: "ottla" | "apache";
  readonly port: number;
  run(command: Command): Promise<CommandEnd>;
  stop(): Promise<void>;
}
