// A wrong broker, to prove that a suite fails when it should:  node garbage.mjs PORT random|framed|silent
//   random: answers anything with random bytes; framed: right length and correlation id, random body; silent: never answers.
import { randomBytes } from "node:crypto";
import net from "node:net";

const [port, mode = "random"] = process.argv.slice(2);
net
  .createServer((socket) => {
    let got = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      if (mode === "silent") return;
      if (mode === "random") return void socket.write(randomBytes(40 + (chunk.length % 200)));
      got = Buffer.concat([got, chunk]);
      while (got.length >= 12 && got.length >= 4 + got.readInt32BE(0)) {
        const size = got.readInt32BE(0);
        if (size < 8) return socket.destroy();
        const answer = Buffer.concat([Buffer.alloc(4), got.subarray(8, 12), randomBytes(60)]);
        answer.writeInt32BE(answer.length - 4, 0);
        socket.write(answer);
        got = got.subarray(4 + size);
      }
    });
  })
  .listen(Number(port), "127.0.0.1", () => console.log(`garbage (${mode}) on 127.0.0.1:${port}`));
