// How large libuv's thread pool will be. libuv reads `UV_THREADPOOL_SIZE` at the first use of the pool and
// never again, so the entry point of a program sets it before anything touches a file asynchronously; a
// broker checks here that it did.
import nodeProcess from "node:process";

const POOL_THREADS_DEFAULT = 4;
const POOL_THREADS_MAX = 1024;

/** Threads of libuv's pool as the environment asks for them. */
export function poolThreads(): number {
  const asked = Number.parseInt(nodeProcess.env["UV_THREADPOOL_SIZE"] ?? "", 10);
  if (!Number.isInteger(asked)) return POOL_THREADS_DEFAULT;
  return Math.min(Math.max(asked, 1), POOL_THREADS_MAX);
}
