// Runs inside Ottla's process, loaded before its program: a timer every 5 ms tells how late the event loop
// is. The broker's own metric probes twice a second, too seldom for a p99.9 of a minute. A loop that was held
// up for long counts once for each probe that it swallowed. Asked on a socket file, it answers with what it
// counted since the question before. It costs 200 timers a second: no figure of CPU is taken beside it.
import { createServer } from "node:net";
import { isMainThread } from "node:worker_threads";

const intervalMs = 5;
const bucketMs = 0.1;
const bucketCount = 20_001;

if (isMainThread) {
  const counts = new Uint32Array(bucketCount);
  let dueMs = performance.now() + intervalMs;
  const observe = (lateMs: number): void => {
    const bucket = Math.min(bucketCount - 1, Math.max(0, Math.floor(lateMs / bucketMs)));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  };
  const probe = (): void => {
    const now = performance.now();
    for (let lateMs = now - dueMs; ; lateMs -= intervalMs) {
      observe(lateMs);
      if (lateMs < intervalMs) break;
    }
    dueMs = now + intervalMs;
    setTimeout(probe, intervalMs).unref();
  };
  setTimeout(probe, intervalMs).unref();
  const server = createServer((socket) => {
    const found = [...counts.entries()].filter(([, count]) => count > 0);
    counts.fill(0);
    socket.on("error", () => undefined);
    socket.end(JSON.stringify(found.map(([bucket, count]) => [bucket * bucketMs, count])));
  });
  server.listen(process.env.OTTLA_BENCH_PROBE);
  server.unref();
}
