// The named bounds of package broker. Settings of server.properties are not here; these are what no setting
// names.

/** Connections. Sizes in bytes. */
export const connectionLimits = {
  /** Requests of one connection that appended and still wait for their ack. */
  producesInFlightMax: 256,
  /** Frame bytes of those requests. */
  producesInFlightBytesMax: 33_554_432,
  /** Bytes received behind a request that may not start yet; above it reading stops. */
  backlogBytesMax: 262_144,
  /** Reply bytes the peer has not taken; above it no further request starts. */
  outputBytesMax: 1_048_576,
  /** Smallest first size of a gathering buffer: what a peer that announces much and sends a byte costs. */
  gatherFirstBytes: 4_096,
  /** Smallest gathering buffer that is pooled; a rest of half of it is read in place. */
  gatherBytesMin: 65_536,
  /** Largest pooled gathering buffer. */
  pooledBufferBytesMax: 8_388_608,
  /** Bytes the pool keeps for later. */
  pooledBytesMax: 16_777_216,
  /** How much larger than what has arrived a gathering buffer may be. */
  gatherGrowthFactor: 8,
  /** Reply parts below this size are copied together before a write. */
  mergedPartBytesMax: 4_096,
  /** Share of the memory limit for bytes of requests in flight when queued.max.request.bytes is unset. */
  requestBytesShare: 8,
  /** Bytes of requests in flight when neither setting is given. */
  requestBytesDefault: 134_217_728,
  /** Share of the memory limit for replies that peers have not taken. */
  outputBytesShare: 8,
  /** Bytes of those replies when there is no memory limit. */
  outputBytesDefault: 134_217_728,
  /** Over the budget of replies, a peer that took nothing for this long may be dropped. */
  outputStallMs: 1000,
  /** Over this multiple of a budget a connection that takes more of it is dropped. */
  budgetOverdraftFactor: 2,
  /** Files kept back, beside those of logs, when connections are counted against the limit of open files. */
  filesKeptBack: 64,
  /** Share of open files, one over this, for connections that wait until others go. */
  filesForHeldShare: 8,
  sweepIntervalMs: 1000,
  /** After the last reply of a connection the broker ends, until it is dropped. */
  lingerMs: 5000,
  /** Peers of which a repeated complaint is remembered. */
  complainingPeersMax: 1024,
  complaintIntervalMs: 10_000,
  /** How long closing waits for requests under way. */
  drainTimeoutMs: 10_000,
} as const;

/** Dispatch. */
export const dispatchLimits = {
  /** Replies are written into chunks of this size; one unsent reply keeps its whole chunk. */
  replyChunkBytes: 16_384,
  /** As above, for an answer that is written in slices by a writer of its own. */
  longReplyChunkBytes: 65_536,
  /** Things in an answer, partitions or members, above which it is written in slices. */
  answeredAtOnceMax: 1000,
  /** Larger requests are decoded in slices, where the API may name very many things. */
  decodedWholeBytesMax: 65_536,
} as const;

/** Answers about topics. */
export const metadataLimits = {
  /** Topics whose automatic creation is under way at a time. */
  automaticCreationsMax: 1000,
} as const;

/** Groups. */
export const groupLimits = {
  /** Topics and partitions of an OffsetCommit that is looked at in one piece. */
  committedAtOnceMax: 256,
} as const;

/** Fetch sessions (KIP-227). Their number is a setting; these bound what they hold. */
export const fetchSessionLimits = {
  /** Partitions of one session. */
  partitionsMax: 100_000,
  /** Partitions of all sessions. */
  allPartitionsMax: 1_000_000,
  /** A session unused for this long gives way to any other; one younger than this only to a follower's. */
  evictionMs: 120_000,
} as const;

/** Fetch. */
export const fetchLimits = {
  /** An answer of more partitions is written in slices. */
  partitionsWrittenAtOnce: 1000,
  /** More partitions than these are read in slices. */
  partitionsReadAtOnce: 256,
} as const;

/** Produce. */
export const produceLimits = {
  /** More partitions than these are appended in slices. */
  partitionsAppendedAtOnce: 256,
  /** Between two pauses. */
  partitionsPerPiece: 16,
} as const;

/** Requests that wait. */
export const waitingLimits = {
  /**
   * Where the only replica in sync is the leader, an ack waits for its own disk. A smaller timeout of the
   * request, chosen for a broker that acknowledges before its disk, would turn a slow disk into errors.
   */
  ackWaitMsMin: 1000,
} as const;

/** Producer ids (InitProducerId). */
export const producerIdLimits = {
  /** Requests that wait for a block of ids. */
  waitingMax: 10_000,
  /** The next block is asked for when this share of the present one is used. */
  prefetchShare: 0.9,
} as const;

/** A broker's place in its cluster. */
export const lifecycleLimits = {
  /** Between tries that failed. */
  retryMs: 250,
  /** Replicas of which one request tells the log directory (Kafka: 2,250). */
  assignmentsPerRequestMax: 2_250,
  /** Between heartbeats of a broker that wants to leave. */
  leavingBeatMs: 50,
  /** How long a broker waits for the controller's consent before it stops without it. */
  leaveMsMax: 30_000,
  /** Checkpoints, sessions, snapshots, beats of the loop. */
  tickMs: 500,
  /** How long clients must be connected before the loop is watched. */
  watchAfterMs: 3_000,
  /** The shortest silence of the loop that ends the process, however short sessions are. */
  silenceMsMin: 2_000,
} as const;

/** Partitions. */
export const partitionLimits = {
  /** Logs that could not be made and are tried again in one step. */
  logsTriedPerTick: 16,
} as const;

/** What part of `memory.limit` goes where: one over each of these. */
export const memoryShares = {
  /** Tail blocks of all logs, from which fetches of new records are served. */
  tailCache: 4,
  /** Records read from files, on their way to who asked. */
  readBuffers: 8,
} as const;
