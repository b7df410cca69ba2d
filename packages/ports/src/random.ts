// Randomness that decides nothing secret: back-off jitter, ids of sessions, placement. Seeded in the
// simulator.

/** Source of random numbers. */
export interface Random {
  /** A uniform integer in [0, 2³²). */
  uint32(): number;
  /** A uniform integer in [0, bound), bound in 1..2³². */
  below(bound: number): number;
  /** `length` random bytes, freshly allocated. */
  bytes(length: number): Uint8Array;
}
