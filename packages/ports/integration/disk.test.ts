// The real disk under the contract of all disks, and what only it can show: locks between processes, a full
// device.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { type DiskHarness, diskContract } from "../src/contract/disk-contract.test.ts";
import { createNodeDisk } from "../src/node/disk/node-disk.ts";
import { settlePromises } from "../src/node/turn.ts";

const WAIT_MS_MAX = 10_000;

async function until(isDone: () => boolean): Promise<void> {
  const giveUpMs = performance.now() + WAIT_MS_MAX;
  while (!isDone()) {
    assert.ok(performance.now() < giveUpMs, "still not done");
    await settlePromises();
  }
}

function open(): DiskHarness {
  const root = mkdtempSync(`${tmpdir()}/ottla-disk-`);
  return { disk: createNodeDisk(), root, until, close: () => rmSync(root, { recursive: true }) };
}

diskContract("node disk", open);

test("node disk: another process is kept out by a lock, and let in once its holder was killed", async () => {
  const { disk, root, close } = open();
  const holder = spawn(
    process.execPath,
    [
      "--conditions=@ottla/source",
      "--input-type=module",
      "-e",
      `import { createNodeDisk } from "@ottla/ports";
       const lock = createNodeDisk().lock(process.argv[1]);
       console.log(lock === null ? "refused" : "held");
       if (lock !== null) setInterval(() => {}, 1000);`,
      root,
    ],
    { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] },
  );
  try {
    const [answer] = (await once(holder.stdout, "data")) as [Buffer];
    assert.equal(answer.toString().trim(), "held");
    assert.equal(disk.lock(root), null);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    const lock = disk.lock(root);
    assert.ok(lock !== null);
    lock.release();
  } finally {
    holder.kill("SIGKILL");
    close();
  }
});

test("node disk: a full or unwritable device reports its code", () => {
  if (process.platform !== "linux") return;
  const file = createNodeDisk().open("/dev/full", "write");
  assert.throws(() => file.write([new Uint8Array(10)], 0), { name: "DiskError", code: "ENOSPC" });
  assert.throws(() => file.write([new Uint8Array(10), new Uint8Array(1)], 0), { code: "ENOSPC" });
  file.close();
});
