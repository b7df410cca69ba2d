// What every `Disk` promises, run over the real one and the fake one. Durability after a crash is no part of
// it: only the fake can lose power.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Disk, DiskError, type DiskFile } from "../disk.ts";

/** One disk to try. */
export interface DiskHarness {
  readonly disk: Disk;
  /** An empty directory of the test's own. */
  readonly root: string;
  /** Lets later turns run until the predicate holds; fails when it never does. */
  until(isDone: () => boolean): Promise<void>;
  close(): void;
}

const bytes = (...values: number[]) => Uint8Array.from(values);
const text = (value: string) => new TextEncoder().encode(value);
const failsWith = (code: string) => (error: unknown) => error instanceof DiskError && error.code === code;

function contents(file: DiskFile): number[] {
  const target = new Uint8Array(file.size());
  assert.equal(file.read(target, 0), target.length);
  return [...target];
}

/** Defines the tests. `open` makes a fresh disk for each. */
export function diskContract(label: string, open: () => DiskHarness): void {
  const check = (name: string, body: (harness: DiskHarness) => void | Promise<void>) => {
    test(`${label}: ${name}`, async () => {
      const harness = open();
      try {
        await body(harness);
      } finally {
        harness.close();
      }
    });
  };
  fileContract(check);
  laterContract(check);
  nameContract(check);
  replaceContract(check);
  lockContract(check);
}

type Check = (name: string, body: (harness: DiskHarness) => void | Promise<void>) => void;

function fileContract(check: Check): void {
  check("parts are written back to back and a read stops at the end", ({ disk, root }) => {
    const file = disk.open(`${root}/a`, "create");
    file.write([bytes(1, 2), bytes(), bytes(3)], 0);
    file.write([bytes(9)], 5);
    assert.deepEqual(contents(file), [1, 2, 3, 0, 0, 9]);
    const target = new Uint8Array(4);
    assert.equal(file.read(target, 4), 2);
    assert.equal(file.read(target, 6), 0);
    assert.equal(file.read(target, 60), 0);
    file.write([], 0);
    file.close();
  });
  check("more parts than one system call takes are all written", ({ disk, root }) => {
    const file = disk.open(`${root}/a`, "create");
    const parts = Array.from({ length: 2500 }, (_, i) => bytes(i & 255, i >> 8));
    file.write(parts, 3);
    assert.equal(file.size(), 5003);
    const target = new Uint8Array(2);
    for (const i of [0, 1023, 1024, 2499]) {
      file.read(target, 3 + 2 * i);
      assert.deepEqual(target, parts[i]);
    }
    file.close();
  });
  check("truncate cuts, and extends with zeros", ({ disk, root }) => {
    const file = disk.open(`${root}/a`, "create");
    file.write([bytes(1, 2, 3)], 0);
    file.truncate(1);
    file.truncate(3);
    assert.deepEqual(contents(file), [1, 0, 0]);
    file.close();
  });
  check("open modes keep, require and refuse what is there", ({ disk, root }) => {
    assert.throws(() => disk.open(`${root}/a`, "read"), failsWith("ENOENT"));
    const made = disk.open(`${root}/a`, "write");
    made.write([bytes(7)], 0);
    made.close();
    const kept = disk.open(`${root}/a`, "write");
    assert.deepEqual(contents(kept), [7]);
    kept.close();
    const read = disk.open(`${root}/a`, "read");
    assert.deepEqual(contents(read), [7]);
    assert.throws(() => read.write([bytes(1)], 0), failsWith("EBADF"));
    read.close();
    assert.throws(() => disk.open(`${root}/a`, "create"), failsWith("EEXIST"));
    assert.throws(() => disk.open(`${root}/no/a`, "write"), failsWith("ENOENT"));
  });
  check("a closed file refuses work, and closing twice is harmless", async ({ disk, root, until }) => {
    const file = disk.open(`${root}/a`, "create");
    file.close();
    file.close();
    assert.throws(() => file.size(), failsWith("EBADF"));
    assert.throws(() => file.write([bytes(1)], 0), failsWith("EBADF"));
    const codes: (string | undefined)[] = [];
    file.sync((error) => codes.push(error?.code));
    file.readLater(new Uint8Array(1), 0, (error) => codes.push(error?.code));
    assert.deepEqual(codes, []);
    await until(() => codes.length === 2);
    assert.deepEqual(codes, ["EBADF", "EBADF"]);
  });
}

function laterContract(check: Check): void {
  check("later reads and syncs complete in a later turn", async ({ disk, root, until }) => {
    const file = disk.open(`${root}/a`, "create");
    file.write([bytes(1, 2, 3)], 0);
    const target = new Uint8Array(8);
    const seen: unknown[] = [];
    file.readLater(target, 1, (error, bytesRead) => seen.push([error, bytesRead]));
    file.sync((error) => seen.push(error));
    assert.deepEqual(seen, []);
    await until(() => seen.length === 2);
    assert.deepEqual(
      seen.filter((item) => Array.isArray(item)),
      [[null, 2]],
    );
    assert.equal(seen.filter((item) => item === null).length, 1);
    assert.deepEqual([...target.subarray(0, 2)], [2, 3]);
    file.syncNow();
    file.close();
  });
  check("closing a file lets its pending operations complete on it", async ({ disk, root, until }) => {
    const file = disk.open(`${root}/a`, "create");
    file.write([bytes(5)], 0);
    const target = new Uint8Array(1);
    let completed = 0;
    file.sync((error) => {
      assert.equal(error, null);
      completed++;
    });
    file.readLater(target, 0, (error, bytesRead) => {
      assert.deepEqual([error, bytesRead], [null, 1]);
      completed++;
    });
    file.close();
    // Takes over the descriptor's number if it was given free too early.
    const other = disk.open(`${root}/b`, "create");
    await until(() => completed === 2);
    assert.deepEqual([...target], [5]);
    other.close();
  });
  check("removing later removes, and says when nothing was there", async ({ disk, root, until }) => {
    disk.open(`${root}/a`, "create").close();
    const codes: (string | null)[] = [];
    disk.removeLater(`${root}/a`, (error) => codes.push(error?.code ?? null));
    await until(() => codes.length === 1);
    assert.equal(disk.status(`${root}/a`), null);
    disk.removeLater(`${root}/a`, (error) => codes.push(error?.code ?? null));
    await until(() => codes.length === 2);
    assert.deepEqual(codes, [null, "ENOENT"]);
  });
  check("a later sync of a directory says when it is not there", async ({ disk, root, until }) => {
    const codes: (string | null)[] = [];
    disk.syncDirectoryLater(root, (error) => codes.push(error?.code ?? null));
    assert.equal(codes.length, 0);
    await until(() => codes.length === 1);
    disk.syncDirectoryLater(`${root}/none`, (error) => codes.push(error?.code ?? null));
    await until(() => codes.length === 2);
    assert.deepEqual(codes, [null, "ENOENT"]);
  });
}

function nameContract(check: Check): void {
  check(
    "directories are made with their parents, listed in order and removed when empty",
    ({ disk, root }) => {
      disk.makeDirectory(`${root}/d/e`);
      disk.makeDirectory(`${root}/d/e`);
      for (const name of ["b", "__proto__", "B", "a"]) disk.open(`${root}/d/${name}`, "create").close();
      assert.deepEqual(disk.list(`${root}/d`), ["B", "__proto__", "a", "b", "e"]);
      assert.throws(() => disk.removeDirectory(`${root}/d`), failsWith("ENOTEMPTY"));
      disk.removeDirectory(`${root}/d/e`);
      assert.equal(disk.status(`${root}/d/e`), null);
      assert.throws(() => disk.list(`${root}/d/e`), failsWith("ENOENT"));
      assert.throws(() => disk.removeDirectory(`${root}/none`), failsWith("ENOENT"));
      disk.syncDirectory(`${root}/d`);
      assert.throws(() => disk.syncDirectory(`${root}/none`), failsWith("ENOENT"));
    },
  );
  check("status tells kind and size", ({ disk, root }) => {
    const file = disk.open(`${root}/a`, "create");
    file.write([bytes(1, 2)], 0);
    file.close();
    const status = disk.status(`${root}/a`);
    assert.deepEqual([status?.kind, status?.bytes], ["file", 2]);
    assert.ok((status?.modifiedMs ?? 0) > 0);
    assert.equal(disk.status(root)?.kind, "directory");
    assert.equal(disk.status(`${root}/none`), null);
    const { totalBytes, freeBytes } = disk.space(root);
    assert.ok(freeBytes > 0 && freeBytes <= totalBytes);
  });
  check("rename replaces a file, moves a directory, and open files follow", ({ disk, root }) => {
    const moved = disk.open(`${root}/a`, "create");
    disk.open(`${root}/b`, "create").close();
    disk.rename(`${root}/a`, `${root}/b`);
    moved.write([bytes(4)], 0);
    assert.deepEqual([...disk.readFile(`${root}/b`)], [4]);
    moved.close();
    disk.makeDirectory(`${root}/d`);
    disk.rename(`${root}/b`, `${root}/d/c`);
    disk.rename(`${root}/d`, `${root}/f`);
    assert.deepEqual(disk.list(root), ["f"]);
    assert.deepEqual([...disk.readFile(`${root}/f/c`)], [4]);
    assert.throws(() => disk.rename(`${root}/a`, `${root}/g`), failsWith("ENOENT"));
    assert.throws(() => disk.rename(`${root}/f/c`, `${root}/no/c`), failsWith("ENOENT"));
  });
  check("a removed file stays readable through its open handle", ({ disk, root }) => {
    const file = disk.open(`${root}/a`, "create");
    file.write([bytes(6)], 0);
    disk.remove(`${root}/a`);
    assert.deepEqual(contents(file), [6]);
    file.close();
    assert.throws(() => disk.remove(`${root}/a`), failsWith("ENOENT"));
    assert.throws(() => disk.readFile(`${root}/a`), failsWith("ENOENT"));
  });
}

function replaceContract(check: Check): void {
  check("replacing a file creates it, then swaps its whole content", ({ disk, root }) => {
    disk.replaceFile(`${root}/a`, text("first, long"));
    disk.replaceFile(`${root}/a`, text("second"));
    assert.equal(new TextDecoder().decode(disk.readFile(`${root}/a`)), "second");
    assert.deepEqual(disk.list(root), ["a"]);
    assert.throws(() => disk.replaceFile(`${root}/no/a`, text("x")), failsWith("ENOENT"));
  });
  check("later replacements of one path take effect in order", async ({ disk, root, until }) => {
    const order: number[] = [];
    for (let i = 0; i < 5; i++) {
      disk.replaceFileLater(`${root}/a`, bytes(i), (error) => {
        assert.equal(error, null);
        order.push(i);
      });
    }
    await until(() => order.length === 5);
    assert.deepEqual(order, [0, 1, 2, 3, 4]);
    assert.deepEqual([...disk.readFile(`${root}/a`)], [4]);
    assert.deepEqual(disk.list(root), ["a"]);
  });
  check("a blocking replacement overtakes the later ones pending", async ({ disk, root, until }) => {
    let completed = 0;
    for (let i = 0; i < 3; i++) {
      disk.replaceFileLater(`${root}/a`, bytes(i), (error) => {
        assert.equal(error, null);
        completed++;
      });
    }
    disk.replaceFile(`${root}/a`, bytes(9));
    await until(() => completed === 3);
    assert.deepEqual([...disk.readFile(`${root}/a`)], [9]);
    assert.deepEqual(disk.list(root), ["a"]);
  });
  check("a failed later replacement does not hold up the next", async ({ disk, root, until }) => {
    const codes: (string | null)[] = [];
    disk.replaceFileLater(`${root}/no/a`, bytes(1), (error) => codes.push(error?.code ?? null));
    disk.replaceFileLater(`${root}/no/a`, bytes(2), (error) => codes.push(error?.code ?? null));
    await until(() => codes.length === 2);
    assert.deepEqual(codes, ["ENOENT", "ENOENT"]);
  });
}

function lockContract(check: Check): void {
  check("a directory has one lock at a time", ({ disk, root }) => {
    const lock = disk.lock(root);
    assert.ok(lock !== null);
    assert.equal(disk.lock(root), null);
    lock.release();
    lock.release();
    const again = disk.lock(root);
    assert.ok(again !== null);
    again.release();
    assert.throws(() => disk.lock(`${root}/none`), failsWith("ENOENT"));
    // The empty file that Kafka leaves, too.
    assert.deepEqual(disk.list(root), [".lock"]);
    assert.equal(disk.status(`${root}/.lock`)?.bytes, 0);
  });
}
