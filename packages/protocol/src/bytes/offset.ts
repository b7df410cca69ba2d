// Numbers of the wire that Kafka stores in 64 bits, as branded JavaScript numbers. They are converted once,
// at the edge; a value beyond ±(2^53 - 1) is null here and that field's protocol error there, never an
// exception.

/** Position of a record in a partition's log. */
export type Offset = number & { readonly __brand: "Offset" };
/** Milliseconds since 1970-01-01 UTC; -1 is none. */
export type TimestampMs = number & { readonly __brand: "TimestampMs" };
/** Id of an idempotent or transactional producer; -1 is none. */
export type ProducerId = number & { readonly __brand: "ProducerId" };
/** int16; grows when a producer id is taken over. */
export type ProducerEpoch = number & { readonly __brand: "ProducerEpoch" };
/** int32; grows with each election of a partition; -1 is unknown. */
export type LeaderEpoch = number & { readonly __brand: "LeaderEpoch" };
/** int32; the id of a broker or controller; -1 is none. */
export type NodeId = number & { readonly __brand: "NodeId" };
/** int32; index of a partition within its topic. */
export type PartitionIndex = number & { readonly __brand: "PartitionIndex" };
/** Epoch that the controller gave a broker's registration. */
export type BrokerEpoch = number & { readonly __brand: "BrokerEpoch" };

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** `value` as a number, or null beyond ±(2^53 - 1). */
export function toSafeNumber(value: bigint): number | null {
  return value >= -SAFE_MAX && value <= SAFE_MAX ? Number(value) : null;
}

export function toOffset(value: bigint): Offset | null {
  return toSafeNumber(value) as Offset | null;
}

export function toTimestampMs(value: bigint): TimestampMs | null {
  return toSafeNumber(value) as TimestampMs | null;
}

export function toProducerId(value: bigint): ProducerId | null {
  return toSafeNumber(value) as ProducerId | null;
}

export function toBrokerEpoch(value: bigint): BrokerEpoch | null {
  return toSafeNumber(value) as BrokerEpoch | null;
}

/** Back to the wire's type. */
export function fromOffset(value: Offset): bigint {
  return BigInt(value);
}

/** Back to the wire's type. */
export function fromTimestampMs(value: TimestampMs): bigint {
  return BigInt(value);
}

/** Back to the wire's type. */
export function fromProducerId(value: ProducerId): bigint {
  return BigInt(value);
}

/** Back to the wire's type. */
export function fromBrokerEpoch(value: BrokerEpoch): bigint {
  return BigInt(value);
}
