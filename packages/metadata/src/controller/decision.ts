// The shape of a decision of the controller: what should become of the metadata, and the answer that is true
// once it has.
import type { MetadataRecord } from "../records/metadata-record.ts";

/**
 * What a pure core wants done. `response` becomes visible when `records` are committed; until then the state
 * is speculative.
 */
export interface Decision<Response> {
  readonly records: readonly MetadataRecord[];
  readonly response: Response;
  /** True: all records in one append, or none. False: any prefix of them may stand alone. */
  readonly atomic: boolean;
}
