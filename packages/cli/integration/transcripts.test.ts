// Every transcript of transcripts/, played against Ottla and, with OTTLA_TRANSCRIPTS=apache, against Apache
// Kafka's own broker and tools: what is written there is what both print.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { apachePeer } from "./transcript/apache-peer.ts";
import { ottlaPeer } from "./transcript/ottla-peer.ts";
import { parseTranscript } from "./transcript/parse-transcript.ts";
import { playTranscript } from "./transcript/play-transcript.ts";

const folder = join(import.meta.dirname, "transcripts");
const isApache = process.env.OTTLA_TRANSCRIPTS === "apache";
const wanted = process.env.OTTLA_TRANSCRIPT;

for (const file of readdirSync(folder)) {
  const name = basename(file, ".txt");
  if (wanted !== undefined && wanted !== name) continue;
  test(`${name} prints what its transcript says`, async () => {
    const items = parseTranscript(readFileSync(join(folder, file), "utf8"));
    const directory = mkdtempSync(join(tmpdir(), "ottla-transcript-"));
    const peer = isApache ? await apachePeer(directory) : await ottlaPeer();
    try {
      const differences = await playTranscript(items, peer, directory);
      assert.equal(differences.join("\n\n"), "");
    } finally {
      await peer.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
