// Plays a transcript against a peer, command by command, and tells what was not as written.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputDifference } from "./match-output.ts";
import { type Action, commandWords, type Step, type TranscriptItem } from "./parse-transcript.ts";
import type { CommandEnd, Peer } from "./peer.ts";
import { Members, produce } from "./surroundings.ts";

/** Where the broker of a transcript listens for clients; its controller is on the next port. */
const WRITTEN_PORT = 9092;

/** Every difference, with the line of its command. `directory` is the working directory of the commands. */
export async function playTranscript(
  items: readonly TranscriptItem[],
  peer: Peer,
  directory: string,
): Promise<readonly string[]> {
  const differences: string[] = [];
  const groups = new Map<string, Members>();
  let only: string | null = null;
  try {
    for (const item of items) {
      if ("name" in item && item.name === "only") only = item.words[0] ?? null;
      else if ("name" in item && item.name === "all") only = null;
      else if (only !== null && only !== peer.name) continue;
      else if ("name" in item) await act(item, peer, directory, groups);
      else differences.push(...stepDifferences(item, peer, await runStep(item, peer, directory)));
    }
  } finally {
    for (const members of groups.values()) await members.leave();
  }
  return differences;
}

async function act(
  { name, words, content, line }: Action,
  peer: Peer,
  directory: string,
  groups: Map<string, Members>,
): Promise<void> {
  const [first = "", second = "", third = ""] = words;
  switch (name) {
    case "file":
      writeFileSync(join(directory, first), content.map((each) => `${each}\n`).join(""));
      return;
    case "produce":
      return produce(peer.port, first, Number(second), Number(third));
    case "members": {
      const members = new Members();
      groups.set(first, members);
      return members.join(peer.port, first, second, Number(third));
    }
    case "leave":
      await groups.get(first)?.leave();
      groups.delete(first);
      return;
    default:
      throw new Error(`line ${line}: there is no @${name}`);
  }
}

async function runStep(step: Step, peer: Peer, directory: string): Promise<CommandEnd> {
  const [script = "", ...words] = commandWords(step.command);
  const here = words.map((word) =>
    word
      .replaceAll(`:${WRITTEN_PORT}`, `:${peer.port}`)
      .replaceAll(`:${WRITTEN_PORT + 1}`, `:${peer.port + 1}`),
  );
  const { out, err, code } = await peer.run({ script, words: here, ...step, directory });
  // As if the broker listened where the transcript says. Both ports have four digits, so tables keep
  // their widths.
  const written = (text: string): string =>
    text
      .replace(new RegExp(`\\b${peer.port}\\b`, "g"), String(WRITTEN_PORT))
      .replace(new RegExp(`\\b${peer.port + 1}\\b`, "g"), String(WRITTEN_PORT + 1));
  return { out: written(out), err: written(err), code };
}

function stepDifferences(step: Step, peer: Peer, end: CommandEnd): readonly string[] {
  const differences: string[] = [];
  const note = (what: string, difference: string | null): void => {
    if (difference !== null) differences.push(`line ${step.line}: ${step.command}\n${what} ${difference}`);
  };
  const out = step.out.filter(({ isOwn }) => !isOwn || peer.name === "ottla");
  const texts = out.map(({ text }) => text);
  const anywhere = new Set(out.filter(({ isAnywhere }) => isAnywhere).map(({ text }) => text));
  note("standard output,", outputDifference(texts, end.out, anywhere));
  note("standard error,", outputDifference(step.err, end.err));
  note("exit code,", end.code === step.code ? null : `expected: ${step.code} printed: ${end.code}`);
  return differences;
}
