// Named limits of the real ports.

/** Threads that libuv's pool must have: fdatasync may take half of them and reads must still get through. */
export const POOL_THREADS_MIN = 8;

/**
 * The one receive buffer that all connections of the loop share. 256 KiB measured best against 64 KiB and 1
 * MiB.
 */
export const RECEIVE_BUFFER_BYTES: number = 256 * 1024;

/** Idle time before the kernel probes a silent peer. */
export const KEEPALIVE_DELAY_MS = 30_000;

/** Parts of one gathered write: `IOV_MAX` of Linux and macOS. */
export const WRITE_PARTS_MAX = 1024;

/** The longest delay one `setTimeout` can hold; longer timers are armed in steps. */
export const TIMER_STEP_MS_MAX: number = 2 ** 31 - 1;

/** Looks of the watchdog within the silence that it allows. */
export const WATCHDOG_LOOKS = 16;
