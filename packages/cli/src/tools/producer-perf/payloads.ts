// The values that a run sends.
import type { Random } from "@ottla/ports";
import { illegalArgument } from "../../options/java-exception.ts";
import { readUserFile } from "../../options/tool-client.ts";
import type { ToolHost } from "../../options/tool-host.ts";

/** The value of record number `index`; valid until the next call. */
export type Payload = (index: number) => Uint8Array;

const LETTER_A = 65;
const LETTERS = 26;
/** Random letters are cut out of a stock of this many more than one value needs. */
const STOCK_BYTES: number = 1024 * 1024;

/** `size` random letters. */
export function randomPayload(size: number, random: Random): Payload {
  const stock = random.bytes(STOCK_BYTES + size);
  for (let at = 0; at < stock.length; at++) stock[at] = LETTER_A + ((stock[at] as number) % LETTERS);
  return () => {
    const at = random.below(STOCK_BYTES);
    return stock.subarray(at, at + size);
  };
}

/** One of the file's values, drawn for each record. Tells on standard output what was read. */
export function filePayload(path: string, delimiter: string, host: ToolHost): Payload {
  host.out(`Reading payloads from: ${host.absolutePath(path)}\n`);
  const status = host.ports.disk.status(host.absolutePath(path));
  if (status === null || status.bytes === 0)
    throw illegalArgument("File does not exist or empty file provided.");
  const pieces = readUserFile(host, path).split(new RegExp(delimiter === "\\n" ? "\n" : delimiter, "u"));
  while (pieces.length > 1 && pieces.at(-1) === "") pieces.pop();
  host.out(`Number of records read: ${pieces.length}\n`);
  const values = pieces.map((piece) => new TextEncoder().encode(piece));
  return () => values[host.ports.random.below(values.length)] as Uint8Array;
}

/** The record's number. */
export function monotonicPayload(): Payload {
  const encoder = new TextEncoder();
  return (index) => encoder.encode(String(index));
}
