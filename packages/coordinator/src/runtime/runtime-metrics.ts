// Numbers of one runtime, for whoever shows them. Plain counters; they never go back.

export class RuntimeMetrics {
  loads = 0;
  failedLoads = 0;
  loadedRecords = 0;
  /** Records of a kind this program does not know. */
  skippedRecords = 0;
  /** Records that could not be read. */
  damagedRecords = 0;
  writes = 0;
  reads = 0;
  /** Operations answered with an error of the runtime: not loaded, not here, too many. */
  rejected = 0;
  appends = 0;
  appendedRecords = 0;
  appendedBytes = 0;
  failedAppends = 0;
  /** Writes that waited too long for their commit. */
  timedOutWrites = 0;
}
