// The next producer id that was never given out, as committed. Immutable.
import { fromProducerId, type ProducerId } from "@ottla/protocol";
import { type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";

/** Producer ids below `nextProducerId` belong to some broker. */
export class ProducerIdsImage {
  static readonly empty: ProducerIdsImage = new ProducerIdsImage(0 as ProducerId);

  readonly nextProducerId: ProducerId;

  constructor(nextProducerId: ProducerId) {
    this.nextProducerId = nextProducerId;
  }

  /** Records that make this state from nothing. */
  *records(): Iterable<MetadataRecord> {
    if (this.nextProducerId === 0) return;
    // Who took the last block does not matter any more.
    const nextProducerId = fromProducerId(this.nextProducerId);
    yield metadataRecord("ProducerIdsRecord", 0, { brokerId: -1, brokerEpoch: -1n, nextProducerId });
  }
}
