// Delegation tokens as committed, by token id. Immutable. The secret is not stored: it is an HMAC of the id.
import { type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";
import { PersistentMap } from "./persistent-map.ts";

export interface DelegationToken {
  readonly tokenId: string;
  /** `User:name`, as are requester and renewers. */
  readonly owner: string;
  readonly requester: string;
  readonly renewers: readonly string[];
  readonly issueTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly expirationTimestamp: bigint;
}

/** All delegation tokens. */
export class DelegationTokensImage {
  static readonly empty: DelegationTokensImage = new DelegationTokensImage(PersistentMap.empty());

  readonly #tokens: PersistentMap<string, DelegationToken>;

  private constructor(tokens: PersistentMap<string, DelegationToken>) {
    this.#tokens = tokens;
  }

  get tokens(): ReadonlyMap<string, DelegationToken> {
    return this.#tokens;
  }

  with(token: DelegationToken): DelegationTokensImage {
    const { tokenId, owner, requester, renewers, issueTimestamp, maxTimestamp, expirationTimestamp } = token;
    const kept = { tokenId, owner, requester, renewers, issueTimestamp, maxTimestamp, expirationTimestamp };
    return new DelegationTokensImage(this.#tokens.with(tokenId, kept));
  }

  without(tokenId: string): DelegationTokensImage {
    return new DelegationTokensImage(this.#tokens.without(tokenId));
  }

  /** Records that make these tokens from nothing. */
  *records(): Iterable<MetadataRecord> {
    for (const token of this.#tokens.values()) {
      yield metadataRecord("DelegationTokenRecord", 0, { ...token, renewers: [...token.renewers] });
    }
  }
}
