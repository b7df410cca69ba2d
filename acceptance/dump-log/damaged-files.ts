// Files with every kind of damage, made of Apache Kafka's golden ones, and how each is dumped.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Dump } from "./dump-both.ts";

const goldens = join(import.meta.dirname, "..", "..", "packages/protocol/goldens");
const segmentFile = /\.(log|checkpoint|index|timeindex|txnindex|snapshot)$/;

type Damage = (bytes: Buffer) => Buffer;

function changed(bytes: Buffer, change: (copy: Buffer) => unknown): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

/** Of a segment, whose first batch begins at 0. */
const ofLogs: ReadonlyMap<string, Damage> = new Map<string, Damage>([
  ["empty", () => Buffer.alloc(0)],
  ["end-cut", (bytes) => bytes.subarray(0, bytes.length - 10)],
  ["cut-in-header", (bytes) => bytes.subarray(0, 40)],
  ["cut-in-size", (bytes) => bytes.subarray(0, 14)],
  ["zeros-behind", (bytes) => Buffer.concat([bytes, Buffer.alloc(4096)])],
  ["garbage-behind", (bytes) => Buffer.concat([bytes, Buffer.alloc(100, 0xaa)])],
  ["half-a-header-behind", (bytes) => Buffer.concat([bytes, bytes.subarray(0, 16)])],
  ["crc", (bytes) => changed(bytes, (copy) => copy.writeUInt32BE(7, 17))],
  ["size-small", (bytes) => changed(bytes, (copy) => copy.writeInt32BE(5, 8))],
  ["size-below-header", (bytes) => changed(bytes, (copy) => copy.writeInt32BE(30, 8))],
  ["size-negative", (bytes) => changed(bytes, (copy) => copy.writeInt32BE(-7, 8))],
  ["size-huge", (bytes) => changed(bytes, (copy) => copy.writeInt32BE(0x7ffffff0, 8))],
  ["magic-3", (bytes) => changed(bytes, (copy) => copy.writeInt8(3, 16))],
  ["magic-negative", (bytes) => changed(bytes, (copy) => copy.writeInt8(-1, 16))],
  ["magic-1", (bytes) => changed(bytes, (copy) => copy.writeInt8(1, 16))],
  ["magic-0", (bytes) => changed(bytes, (copy) => copy.writeInt8(0, 16))],
  ["codec-6", (bytes) => changed(bytes, (copy) => copy.writeInt16BE(6, 21))],
  ["codec-gzip", (bytes) => changed(bytes, (copy) => copy.writeInt16BE(1, 21))],
  ["codec-snappy", (bytes) => changed(bytes, (copy) => copy.writeInt16BE(2, 21))],
  ["codec-lz4", (bytes) => changed(bytes, (copy) => copy.writeInt16BE(3, 21))],
  ["codec-zstd", (bytes) => changed(bytes, (copy) => copy.writeInt16BE(4, 21))],
  ["control", (bytes) => changed(bytes, (copy) => copy.writeInt16BE(0x20, 21))],
  ["transactional", (bytes) => changed(bytes, (copy) => copy.writeInt16BE(0x10, 21))],
  ["log-append-time", (bytes) => changed(bytes, (copy) => copy.writeInt16BE(0x08, 21))],
  ["delete-horizon", (bytes) => changed(bytes, (copy) => copy.writeInt16BE(0x40, 21))],
  ["last-offset-delta", (bytes) => changed(bytes, (copy) => copy.writeInt32BE(-5, 23))],
  ["timestamps", (bytes) => changed(bytes, (copy) => copy.writeBigInt64BE(-(2n ** 62n), 27))],
  ["sequence-end", (bytes) => changed(bytes, (copy) => copy.writeInt32BE(0x7fffffff, 53))],
  ["count-more", (bytes) => changed(bytes, (copy) => copy.writeInt32BE(copy.readInt32BE(57) + 1, 57))],
  ["count-less", (bytes) => changed(bytes, (copy) => copy.writeInt32BE(0, 57))],
  ["count-negative", (bytes) => changed(bytes, (copy) => copy.writeInt32BE(-3, 57))],
  ["count-huge", (bytes) => changed(bytes, (copy) => copy.writeInt32BE(0x7fffffff, 57))],
  ["record-length", (bytes) => changed(bytes, (copy) => copy.writeInt8(0x7e, 61))],
  ["record-length-negative", (bytes) => changed(bytes, (copy) => copy.writeInt8(0x03, 61))],
  ["record-length-endless", (bytes) => changed(bytes, (copy) => copy.fill(0xff, 61, 72))],
  ["record-attributes", (bytes) => changed(bytes, (copy) => copy.writeInt8(1, 62))],
  ["key-length", (bytes) => changed(bytes, (copy) => copy.writeInt8(0x7e, 65))],
  ["key-length-negative", (bytes) => changed(bytes, (copy) => copy.writeInt8(0x07, 65))],
  ["body-garbage", (bytes) => changed(bytes, (copy) => copy.fill(0x5a, 61, 90))],
  ["offset-huge", (bytes) => changed(bytes, (copy) => copy.writeBigInt64BE(2n ** 62n, 0))],
]);

const ofIndexes: ReadonlyMap<string, Damage> = new Map<string, Damage>([
  ["empty", () => Buffer.alloc(0)],
  ["cut", (bytes) => bytes.subarray(0, bytes.length - 3)],
  ["a-byte", (bytes) => bytes.subarray(0, 1)],
  ["zeros", (bytes) => Buffer.alloc(bytes.length)],
  ["zeros-behind", (bytes) => Buffer.concat([bytes, Buffer.alloc(120)])],
  ["garbage", (bytes) => Buffer.alloc(bytes.length, 0xaa)],
  ["garbage-behind", (bytes) => Buffer.concat([bytes, Buffer.alloc(24, 0x11)])],
  ["a-bit", (bytes) => changed(bytes, (copy) => copy.writeUInt8(copy.readUInt8(3) ^ 1, 3))],
  [
    "last-bit",
    (bytes) =>
      changed(bytes, (copy) => copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1)),
  ],
  [
    "turned",
    (bytes) => Buffer.concat([bytes.subarray(bytes.length / 2), bytes.subarray(0, bytes.length / 2)]),
  ],
  ["version", (bytes) => changed(bytes, (copy) => copy.writeInt8(9, 1))],
]);

const indexWords: readonly (readonly string[])[] = [[], ["--verify-index-only"], ["--index-sanity-check"]];
const logWords: readonly (readonly string[])[] = [[], ["--deep-iteration"], ["--print-data-log"]];

const logs = ["three-0/00000000000000000000.log"];

/** Fills `directory` and answers what to dump there. */
export function damagedDumps(directory: string): Dump[] {
  cpSync(join(goldens, "segments/data"), directory, { recursive: true });
  return [...soundDumps(directory), ...logDumps(directory), ...indexDumps(directory)];
}

function soundDumps(directory: string): Dump[] {
  const partitions = readdirSync(directory).filter((name) => /-\d+$/.test(name));
  const decoders = [
    "--offsets-decoder",
    "--transaction-log-decoder",
    "--cluster-metadata-decoder",
    "--remote-log-metadata-decoder",
    "--share-group-state-decoder",
  ];
  return partitions.flatMap((partition) => {
    const files = readdirSync(join(directory, partition)).filter((name) => segmentFile.test(name));
    const all = files.map((name) => `${partition}/${name}`).join(",");
    const ways = [[], ["--print-data-log"], ...decoders.map((decoder) => [decoder])];
    return ways.map((words) => ({
      name: `sound ${partition} ${words.join(" ")}`,
      words: [...words, "--files", all],
    }));
  });
}

function logDumps(directory: string): Dump[] {
  const dumps: Dump[] = [];
  for (const log of logs) {
    const bytes = readFileSync(join(directory, log));
    for (const [name, damage] of ofLogs) {
      const folder = `${name}-${log.slice(0, log.indexOf("/"))}`;
      const path = placed(directory, folder, log.slice(log.indexOf("/") + 1), damage(bytes));
      for (const words of logWords) {
        dumps.push({ name: `log ${name} of ${log} ${words.join(" ")}`, words: [...words, "--files", path] });
      }
    }
    for (const size of ["0", "1", "17", "61", "100", "300", "-5"]) {
      const words = ["--max-bytes", size, "--deep-iteration", "--files", log];
      dumps.push({ name: `log ${log} --max-bytes ${size}`, words });
    }
  }
  return dumps;
}

function indexDumps(directory: string): Dump[] {
  const dumps: Dump[] = [];
  const from = "rolled-0";
  const base = "00000000000000000089";
  for (const suffix of [".index", ".timeindex", ".txnindex", ".snapshot"]) {
    const bytes = readFileSync(join(directory, from, base + suffix));
    for (const [name, damage] of ofIndexes) {
      const folder = `${name}-${suffix.slice(1)}`;
      mkdirSync(join(directory, folder));
      for (const file of readdirSync(join(directory, from)).filter((each) => each.startsWith(base))) {
        cpSync(join(directory, from, file), join(directory, folder, file));
      }
      const path = placed(directory, folder, base + suffix, damage(bytes));
      for (const words of indexWords) {
        dumps.push({ name: `${suffix} ${name} ${words.join(" ")}`, words: [...words, "--files", path] });
      }
    }
  }
  for (const size of ["1", "100", "400"]) {
    const words = ["--max-message-size", size, "--files", `${from}/${base}.index`];
    dumps.push({ name: `.index --max-message-size ${size}`, words });
  }
  for (const suffix of [".index", ".timeindex"]) {
    const path = placed(directory, `alone${suffix}`, base + suffix, Buffer.alloc(24, 1));
    dumps.push({ name: `${suffix} alone`, words: ["--files", path] });
  }
  return dumps;
}

function placed(directory: string, folder: string, file: string, bytes: Buffer): string {
  mkdirSync(join(directory, folder), { recursive: true });
  writeFileSync(join(directory, folder, file), bytes);
  return `${folder}/${file}`;
}
