// Every transcript of transcripts/, played against Ottla; with OTTLA_TRANSCRIPTS=apache against Apache
// Kafka's own broker and tools, with OTTLA_TRANSCRIPTS=apache-tools against Ottla's broker and Apache Kafka's
// tools. What is written there is what all of them print. OTTLA_TRANSCRIPT names one.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { apachePeer, apacheTools } from "./transcript/apache-peer.ts";
import { ottlaPeer } from "./transcript/ottla-peer.ts";
import { parseTranscript } from "./transcript/parse-transcript.ts";
import type { Peer } from "./transcript/peer.ts";
import { playTranscript } from "./transcript/play-transcript.ts";

const folder = join(import.meta.dirname, "transcripts");
const wanted = process.env.OTTLA_TRANSCRIPT;

async function startPeer(directory: string): Promise<Peer> {
  switch (process.env.OTTLA_TRANSCRIPTS) {
    case "apache":
      return apachePeer(directory);
    case "apache-tools":
      return { ...(await ottlaPeer()), run: apacheTools(directory) };
    default:
      return ottlaPeer();
  }
}

for (const file of readdirSync(folder)) {
  const name = basename(file, ".txt");
  if (wanted !== undefined && wanted !== name) continue;
  test(`${name} prints what its transcript says`, async () => {
    const items = parseTranscript(readFileSync(join(folder, file), "utf8"));
    const directory = mkdtempSync(join(tmpdir(), "ottla-transcript-"));
    const peer = await startPeer(directory);
    try {
      const differences = await playTranscript(items, peer, directory);
      assert.equal(differences.join("\n\n"), "");
    } finally {
      await peer.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
