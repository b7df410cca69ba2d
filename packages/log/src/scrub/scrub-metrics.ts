// What the scrub looked at and found. Plain numbers, read by a scrape. Damage, and files made again, are
// counted where all damage is (damage/log-damage.ts).

/** Numbers since the process started. */
export class ScrubMetrics {
  checkedBytes = 0;
  checkedSegments = 0;
  /** Walks over all logs that came to their end. */
  rounds = 0;
  /** Segments that were not as they should be. */
  badSegments = 0;
}
