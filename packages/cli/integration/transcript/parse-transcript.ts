// Transcripts: command lines with exactly what they print.
//   # remark        @file NAME        its content follows in lines `| …`
//   $ command       @produce T P N    N records go to partition P of topic T
//   < input         @members G T N    N classic members of group G read topic T …
//   1> output       @leave G          … until here
//   2> errors       @only PEER        what follows is of that peer alone; @all ends it
//   ! SIGNAL N      sent once N lines are printed
//   = exit code     1+ instead of 1> is of Ottla alone, 1~ may change places with its like

/** A command and what it must print. */
export interface Step {
  readonly line: number;
  readonly command: string;
  readonly input: readonly string[];
  readonly out: readonly OutLine[];
  readonly err: readonly string[];
  readonly signal: StepSignal | null;
  readonly code: number;
}

/** What ends a command that would not end by itself. */
export interface StepSignal {
  readonly name: "SIGINT" | "SIGTERM";
  /** It comes once so many lines are on standard output. */
  readonly afterLines: number;
}

/** A line of standard output. */
export interface OutLine {
  readonly text: string;
  /** Only Ottla prints it. */
  readonly isOwn: boolean;
  /** Its place among neighbours that have none either is open. */
  readonly isAnywhere: boolean;
}

/** Something to be done between commands. */
export interface Action {
  readonly line: number;
  readonly name: string;
  readonly words: readonly string[];
  /** Lines that belong to it. */
  readonly content: readonly string[];
}

/** A transcript in its order. */
export type TranscriptItem = Step | Action;

interface OpenStep {
  line: number;
  command: string;
  input: string[];
  out: OutLine[];
  err: string[];
  signal: StepSignal | null;
}

/** Parses a file; throws at a line that is none of the above. */
export function parseTranscript(text: string): readonly TranscriptItem[] {
  const items: TranscriptItem[] = [];
  let step: OpenStep | null = null;
  let content: string[] = [];
  for (const [index, written] of text.split("\n").entries()) {
    const at = index + 1;
    const line = spelt(written);
    const [mark, rest] = [line.slice(0, 2), line.slice(3)];
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (line.startsWith("$ "))
      step = { line: at, command: line.slice(2), input: [], out: [], err: [], signal: null };
    else if (line.startsWith("@")) {
      const [name = "", ...words] = line.slice(1).split(/\s+/);
      content = [];
      items.push({ line: at, name, words, content });
    } else if (line.startsWith("| ") || line === "|") content.push(line.slice(2));
    else if (step === null) throw new Error(`line ${at} belongs to no command: ${line}`);
    else if (mark === "< ") step.input.push(rest);
    else if (mark === "1>" || mark === "1+" || mark === "1~") {
      step.out.push({ text: rest, isOwn: mark === "1+", isAnywhere: mark === "1~" });
    } else if (mark === "2>") step.err.push(rest);
    else if (mark === "! ") step.signal = signalOf(at, line.slice(2));
    else if (mark === "= ") {
      items.push({ ...step, code: Number(line.slice(2)) });
      step = null;
    } else throw new Error(`line ${at} means nothing: ${line}`);
  }
  if (step !== null) throw new Error(`the command of line ${step.line} has no exit code`);
  return items;
}

function signalOf(at: number, text: string): StepSignal {
  const [, name, lines] = /^(SIGINT|SIGTERM) (\d+)$/.exec(text) ?? [];
  if (name !== "SIGINT" && name !== "SIGTERM") throw new Error(`line ${at} means nothing: ${text}`);
  return { name, afterLines: Number(lines) };
}

/** `<250 times a>` spelt out. */
function spelt(line: string): string {
  return line.replace(/<(\d+) times (.)>/g, (_, count: string, character: string) =>
    character.repeat(Number(count)),
  );
}

/** The words of a command line; quotes hold blanks together. */
export function commandWords(command: string): readonly string[] {
  const words = command.match(/(?:'[^']*'|"[^"]*"|[^\s'"]+)+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
}
