// A free port of four digits, so that addresses in tables are as wide as localhost:9092.
import { createServer } from "node:net";

/** Nobody listens on it nor on the next one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 4000 + Math.floor(Math.random() * 4900);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, () => server.close(() => done(true)));
  });
}
