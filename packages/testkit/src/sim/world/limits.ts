// Named bounds of the simulated world.

/** A write that fails. */
export const WRITE_FAULT_CODE = "ENOSPC";

/** A sync that fails. */
export const SYNC_FAULT_CODE = "EIO";

/** After the last fault everything is done within this virtual time (P8). */
export const HEAL_MS_MAX = 60_000;

/** Faults go on until everything is sent, or for this long. */
export const FAULT_MS_MAX = 20_000;

/** A run of more events than this does not end. */
export const EVENTS_MAX = 1_000_000;

/** Slowest usual call of the pool when the faults are over, in microseconds. */
export const HEALED_POOL_US_MAX = 4000;

/** Slowest usual way of a packet that the broker sends when the faults are over, in microseconds. */
export const HEALED_NETWORK_US_MAX = 3000;
