// Turns what `node:fs` throws into a `DiskError`. Only failures of the system count: a wrong argument is a
// bug and passes through unchanged.
import { DiskError } from "../../disk.ts";

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && "errno" in error && "code" in error && typeof error.code === "string";
}

/** The `DiskError` for a failed system call; anything else is thrown on. */
export function toDiskError(operation: string, path: string, error: unknown): DiskError {
  if (error instanceof DiskError) return error;
  if (!isSystemError(error)) throw error;
  return new DiskError(operation, path, error.code, { cause: error });
}

/** Runs a blocking call; throws `DiskError`. */
export function attempt<Result>(operation: string, path: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw toDiskError(operation, path, error);
  }
}
