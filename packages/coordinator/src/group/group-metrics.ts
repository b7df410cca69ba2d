// Numbers of one group coordinator, for whoever shows them. Plain counters; they never go back.

export class GroupMetrics {
  completedRebalances = 0;
  offsetCommits = 0;
  offsetDeletions = 0;
  offsetExpirations = 0;
  /** Joins refused because groups and members hold too much memory. */
  memoryRefusals = 0;
}
