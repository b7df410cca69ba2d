// `--add-scram 'SCRAM-SHA-256=[name=alice,password=secret]'`: a user that a new cluster starts with. The
// password itself is never stored, only what RFC 5802 derives from it.
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import type { ScramCredential } from "@ottla/metadata";

const ITERATIONS_DEFAULT = 4096;
const ITERATIONS_MAX = 16_384;
const SALT_BYTES = 25;

const mechanisms: ReadonlyMap<string, { code: number; hash: string; hashBytes: number }> = new Map([
  ["SCRAM-SHA-256", { code: 1, hash: "sha256", hashBytes: 32 }],
  ["SCRAM-SHA-512", { code: 2, hash: "sha512", hashBytes: 64 }],
]);

/** The credential, or one sentence that says why there is none. */
export function scramCredentialOf(
  argument: string,
  randomBytes: (length: number) => Uint8Array,
): ScramCredential | { readonly problem: string } {
  const [, mechanismName = "", settings] = /^([^=]*)=\[(.*)\]$/s.exec(argument) ?? [];
  if (settings === undefined) {
    // What cannot be parsed may still hold a password: only what stands before it is repeated.
    const shown = argument.split("=")[0] ?? "";
    return {
      problem: `SCRAM argument '${shown}' is not of the form MECHANISM=[name=NAME,password=PASSWORD]`,
    };
  }
  const mechanism = mechanisms.get(mechanismName);
  if (!mechanism) return { problem: `The add-scram mechanism ${mechanismName} is not supported.` };
  const values = settingsOf(settings);
  const name = values.get("name");
  if (!name) return { problem: "You must supply 'name' to add-scram" };
  const password = values.get("password");
  const salted = values.get("saltedpassword");
  if (password === undefined && salted === undefined) {
    return { problem: "You must supply one of 'password' or 'saltedpassword' to add-scram" };
  }
  if (password !== undefined && salted !== undefined) {
    return { problem: "You must only supply one of 'password' or 'saltedpassword' to add-scram" };
  }
  const saltText = values.get("salt");
  if (salted !== undefined && saltText === undefined) {
    return { problem: "You must supply 'salt' with 'saltedpassword' to add-scram" };
  }
  const iterations = Number(values.get("iterations") ?? ITERATIONS_DEFAULT);
  if (!(iterations >= ITERATIONS_DEFAULT && iterations <= ITERATIONS_MAX)) {
    const bound = iterations > ITERATIONS_MAX ? `<= ${ITERATIONS_MAX}` : `>= ${ITERATIONS_DEFAULT}`;
    const kafkaName = mechanismName.replaceAll("-", "_");
    return { problem: `The 'iterations' value must be ${bound} for add-scram using ${kafkaName}` };
  }
  const salt = saltText === undefined ? randomBytes(SALT_BYTES) : bytesOf(saltText);
  const saltedPassword =
    salted === undefined
      ? pbkdf2Sync((password ?? "").normalize("NFKC"), salt, iterations, mechanism.hashBytes, mechanism.hash)
      : bytesOf(salted);
  const clientKey = createHmac(mechanism.hash, saltedPassword).update("Client Key").digest();
  const storedKey = Uint8Array.from(createHash(mechanism.hash).update(clientKey).digest());
  const serverKey = Uint8Array.from(createHmac(mechanism.hash, saltedPassword).update("Server Key").digest());
  return { name, mechanism: mechanism.code, salt, storedKey, serverKey, iterations };
}

/** `key=value,key="value"`; a value in quotes may hold commas. */
function settingsOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [, key = "", quoted, bare = ""] of text.matchAll(/([a-z]+)=(?:"([^"]*)"|([^,]*))(?:,|$)/g)) {
    values.set(key, quoted ?? bare);
  }
  return values;
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, "base64"));
}
