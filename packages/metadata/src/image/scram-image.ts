// SCRAM credentials as committed, by user and mechanism. Immutable. They are verifiers: no password can be
// read from them.
import { type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";
import { PersistentMap } from "./persistent-map.ts";

export interface ScramCredential {
  readonly name: string;
  /** 1: SCRAM-SHA-256, 2: SCRAM-SHA-512. */
  readonly mechanism: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly iterations: number;
}

/** All SCRAM credentials. */
export class ScramImage {
  static readonly empty: ScramImage = new ScramImage(PersistentMap.empty());

  readonly #credentials: PersistentMap<string, ScramCredential>;

  private constructor(credentials: PersistentMap<string, ScramCredential>) {
    this.#credentials = credentials;
  }

  of(name: string, mechanism: number): ScramCredential | null {
    return this.#credentials.get(keyOf(name, mechanism)) ?? null;
  }

  credentials(): Iterable<ScramCredential> {
    return this.#credentials.values();
  }

  with(credential: ScramCredential): ScramImage {
    const { name, mechanism, salt, storedKey, serverKey, iterations } = credential;
    const kept = { name, mechanism, salt, storedKey, serverKey, iterations };
    return new ScramImage(this.#credentials.with(keyOf(name, mechanism), kept));
  }

  without(name: string, mechanism: number): ScramImage {
    return new ScramImage(this.#credentials.without(keyOf(name, mechanism)));
  }

  /** Records that make these credentials from nothing. */
  *records(): Iterable<MetadataRecord> {
    for (const credential of this.#credentials.values()) {
      yield metadataRecord("UserScramCredentialRecord", 0, { ...credential });
    }
  }
}

function keyOf(name: string, mechanism: number): string {
  return `${mechanism}:${name}`;
}
