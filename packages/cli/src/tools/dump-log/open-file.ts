// Opening what is dumped, with Kafka's line when it is not there.
import { DiskError, type DiskFile } from "@ottla/ports";
import type { DumpFiles } from "./dump-host.ts";
import { JavaFailure } from "./java-failure.ts";
import { INDEX_FILE_BYTES_MAX } from "./limits.ts";

/** The open file; whoever asked closes it. */
export function openFile(path: string, files: DumpFiles): DiskFile {
  try {
    return files.disk.open(files.absolutePath(path), "read");
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The whole content of a small file. */
export function readSmallFile(path: string, files: DumpFiles): Uint8Array {
  const file = openFile(path, files);
  try {
    const size = file.size();
    if (size > INDEX_FILE_BYTES_MAX) {
      throw new JavaFailure(
        "java.lang.OutOfMemoryError",
        `${path} has ${size} bytes, ${INDEX_FILE_BYTES_MAX} at most`,
      );
    }
    const bytes = new Uint8Array(size);
    return bytes.subarray(0, file.read(bytes, 0));
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    file.close();
  }
}

function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof DiskError)) return error;
  if (error.code === "ENOENT") return new JavaFailure("java.nio.file.NoSuchFileException", path);
  if (error.code === "EACCES") return new JavaFailure("java.nio.file.AccessDeniedException", path);
  return new JavaFailure("java.nio.file.FileSystemException", `${path}: ${error.code}`);
}
