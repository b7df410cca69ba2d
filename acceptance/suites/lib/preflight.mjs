// Is there something at HOST:PORT that answers ApiVersions v0 and Metadata v0..1-style framing like a Kafka broker?
// Usage: node preflight.mjs HOST:PORT [seconds to wait] -> prints JSON {apis:{key:[min,max]}, nodeId, host, port}; exit 1 when not.
import net from "node:net";

const [bootstrap, wait = "20"] = process.argv.slice(2);
const at = bootstrap.lastIndexOf(":");
const host = bootstrap.slice(0, at);
const port = Number(bootstrap.slice(at + 1));
const deadline = Date.now() + Number(wait) * 1000;

function ask(socket, key, version, correlation, body) {
  return new Promise((resolve, reject) => {
    const client = Buffer.from("preflight");
    const head = Buffer.alloc(14);
    head.writeInt32BE(10 + client.length + body.length, 0);
    head.writeInt16BE(key, 4);
    head.writeInt16BE(version, 6);
    head.writeInt32BE(correlation, 8);
    head.writeInt16BE(client.length, 12);
    let got = Buffer.alloc(0);
    const timer = setTimeout(() => done(new Error("no answer within 5 s")), 5000);
    const done = (error, value) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      if (error) reject(error);
      else resolve(value);
    };
    socket.on("error", done);
    socket.on("close", () => done(new Error("connection closed before an answer")));
    socket.on("data", (chunk) => {
      got = Buffer.concat([got, chunk]);
      if (got.length < 4) return;
      const size = got.readInt32BE(0);
      if (size < 4 || size > 1 << 20) return done(new Error(`not a Kafka answer: frame size ${size}`));
      if (got.length < 4 + size) return;
      if (got.readInt32BE(4) !== correlation) return done(new Error("answer with a wrong correlation id"));
      done(undefined, got.subarray(8, 4 + size));
    });
    socket.write(Buffer.concat([head, client, body]));
  });
}

async function once() {
  const socket = net.connect(port, host);
  try {
    await new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
      setTimeout(() => reject(new Error("connect timeout")), 3000).unref();
    });
    const v = await ask(socket, 18, 0, 4201, Buffer.alloc(0));
    const error = v.readInt16BE(0);
    if (error !== 0) throw new Error(`ApiVersions error code ${error}`);
    const apis = {};
    for (let i = 0, n = v.readInt32BE(2); i < n; i++)
      apis[v.readInt16BE(6 + i * 6)] = [v.readInt16BE(8 + i * 6), v.readInt16BE(10 + i * 6)];
    if (!apis[3] || !apis[18]) throw new Error("Metadata or ApiVersions is not among the advertised APIs");
    // Metadata v1, no topics
    const m = await ask(socket, 3, 1, 4202, Buffer.from([0, 0, 0, 0]));
    if (m.readInt32BE(0) < 1) throw new Error("Metadata lists no broker");
    const nodeId = m.readInt32BE(4);
    const length = m.readInt16BE(8);
    return {
      apis,
      nodeId,
      host: m.toString("utf8", 10, 10 + length),
      port: m.readInt32BE(10 + length),
      brokers: m.readInt32BE(0),
    };
  } finally {
    socket.destroy();
  }
}

for (;;) {
  try {
    console.log(JSON.stringify(await once()));
    break;
  } catch (error) {
    if (Date.now() > deadline || /Kafka answer|correlation|error code|advertised/.test(error.message)) {
      console.error(`preflight: ${bootstrap}: ${error.message}`);
      process.exitCode = 1;
      break;
    }
    await new Promise((r) => setTimeout(r, 500));
  }
}
