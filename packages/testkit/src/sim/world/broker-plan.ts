// What happens to the broker of a simulated world, drawn before the run: plain data.

/** A crash of the broker at a call of its disk. */
export interface CrashPlan {
  /** Calls of the disk after the start before. */
  readonly afterCalls: number;
  /** `power`: what is not synced is lost, torn or kept. `kill`: what is written survives. */
  readonly how: "power" | "kill";
}

/**
 * A crash at a call that is worth aiming at: of the metadata log, of committed offsets, of the files that a
 * cleaning makes or replaces, of a replica on its way to another log directory, or one that changes names. It
 * comes after the planned ones.
 */
export interface AimedCrash {
  readonly at: "metadata" | "names" | "offsets" | "cleaner" | "move";
  readonly afterCalls: number;
  readonly how: "power" | "kill";
}

/** A call of the broker's disk that fails; a write after a part of its bytes. */
export interface DiskFault {
  readonly at: "logs" | "metadata" | "cleaner";
  readonly operation: "write" | "sync" | "rename" | "syncDirectory";
  /** Counted among the calls of that operation there. */
  readonly afterCalls: number;
}

/** What damages the broker's files while it is down. */
export interface Damage {
  /**
   * `unsynced`: at each crash, one bit behind what a log had synced. The others at the last stop: `synced`: a
   * batch below the recovery point; `caches`: a file that can be made anew from the logs.
   */
  readonly of: "unsynced" | "synced" | "caches";
}

/** How the broker ends before the last phase. */
export type LastStop = "power" | "kill" | "clean";

/** The drawn life of the broker. */
export interface BrokerPlan {
  readonly crashes: readonly CrashPlan[];
  readonly aimedCrashes: readonly AimedCrash[];
  readonly diskFault: DiskFault | null;
  /** One in so many syncs of a partition's log says that it was done and was not; 0: none. */
  readonly lyingSyncOneIn: number;
  readonly lastStop: LastStop;
  /** Clean stops in between. */
  readonly cleanStops: number;
  readonly damage: Damage | null;
  /** The disk takes next to nothing for so long; 0: never. */
  readonly diskFullMs: number;
  /** How far the wall clock jumps, each at some time. */
  readonly clockJumpsMs: readonly number[];
  readonly poolUsMax: number;
  readonly networkUsMax: number;
  readonly restartMsMax: number;
  /** Bytes; -1: no limit. A small one makes tail blocks scarce. */
  readonly memoryLimit: number;
  /** One more log directory, on the same disk. */
  readonly hasSecondDirectory: boolean;
  /** Settings of the broker besides those of every seed. */
  readonly brokerSettings: Readonly<Record<string, string>>;
}
