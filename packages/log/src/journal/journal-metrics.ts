// What a sync journal did since its directory was opened, for whoever shows it. Only grows.

/** Counts of one journal. */
export class JournalMetrics {
  /** Groups that became durable, each by one fdatasync, and what of several logs they made so. */
  syncs = 0;
  runs = 0;
  /** Written to the journal's file, whole pages. */
  bytes = 0;
  /** How often the other half came into use. */
  rotations = 0;
  /** How often a half was full before the logs behind the other one were synced. */
  stalls = 0;
  /** How often both halves began anew, for a log that was cut or made again. */
  resets = 0;
}
