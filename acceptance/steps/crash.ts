// kill -9 under load: kcat produces with acks=all and an idempotent producer, the broker is killed in the middle and started again, the
// producer goes on by its retries. Afterwards every line is there once and in order.
import { spawn, spawnSync } from "node:child_process";
import { startBrokerUnderTest } from "../broker-under-test.ts";
import type { Step } from "../run.ts";

const rounds = 5;
const linesPerRound = 20_000;

/** Produce, kill -9 in the middle, start, consume. */
export const crashStep: Step = {
  name: "crash",
  needs: ["kcat"],
  async run() {
    const broker = await startBrokerUnderTest();
    try {
      let expected = 0;
      for (let round = 0; round < rounds; round++) {
        const produce = spawn(
          "kcat",
          [
            "-b",
            broker.bootstrap,
            "-P",
            "-t",
            "crashed",
            "-p",
            "0",
            "-X",
            "enable.idempotence=true",
            "-X",
            "batch.num.messages=100",
            "-X",
            "message.timeout.ms=60000",
          ],
          { stdio: ["pipe", "ignore", "pipe"] },
        );
        let complaints = "";
        produce.stderr.on("data", (chunk: Buffer) => {
          complaints += chunk.toString();
        });
        const ended = new Promise<number | null>((done) => produce.once("exit", (code) => done(code)));
        for (let line = 0; line < linesPerRound; line += 1000) {
          let chunk = "";
          for (let index = 0; index < 1000; index++) chunk += `line-${expected + line + index}\n`;
          if (!produce.stdin.write(chunk))
            await new Promise<void>((done) => produce.stdin.once("drain", () => done()));
          if (line === linesPerRound / 2) {
            await broker.kill();
            await broker.start();
          }
        }
        produce.stdin.end();
        const code = await ended;
        if (code !== 0) throw new Error(`kcat ended with ${code}: ${complaints.slice(-1000)}`);
        expected += linesPerRound;
      }
      const consume = spawnSync(
        "kcat",
        ["-b", broker.bootstrap, "-C", "-q", "-e", "-t", "crashed", "-p", "0", "-X", "check.crcs=true"],
        {
          encoding: "utf8",
          maxBuffer: 256 << 20,
        },
      );
      const lines = consume.stdout.trimEnd().split("\n");
      if (lines.length !== expected)
        throw new Error(`${lines.length} lines, wanted ${expected}: ${consume.stderr.slice(-500)}`);
      const wrong = lines.findIndex((line, index) => line !== `line-${index}`);
      if (wrong >= 0) throw new Error(`line ${wrong} is ${lines[wrong]}`);
      return `${rounds} kills, ${expected} acknowledged records there, once, in order`;
    } finally {
      await broker.dispose();
    }
  },
};
