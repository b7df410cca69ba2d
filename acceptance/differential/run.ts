// The differential runner: the same requests to Apache Kafka 4.3.1 and to Ottla, answers compared by field.
// Options: --only API (repeatable), --scenario REGEX, --version N choose what is asked; --against HOST:PORT
// and --kafka HOST:PORT name brokers that run already; --self compares Apache Kafka with a second one (are
// the scenarios deterministic?); --mutate changes one value of every second answer (can the comparison fail?
// exit 0 when all failed); --verbose tells every comparison on stderr. Exit code 1 when anything differs.
import { runDifferential } from "./differential.ts";
import { joinPeer, type Peer, startKafka, startOttla } from "./peers.ts";
import { DifferentialReport } from "./report.ts";
import { allScenarios } from "./scenarios/index.ts";

function optionsNamed(name: string): string[] {
  return process.argv.flatMap((argument, index) => (process.argv[index - 1] === name ? [argument] : []));
}

async function secondPeer(): Promise<Peer> {
  const against = optionsNamed("--against")[0];
  if (against !== undefined) return await joinPeer("ottla", against);
  return process.argv.includes("--self") ? await startKafka("kafka 2") : await startOttla();
}

async function main(): Promise<number> {
  const only = optionsNamed("--only");
  const pattern = optionsNamed("--scenario")[0];
  const version = optionsNamed("--version")[0];
  const verbose = process.argv.includes("--verbose");
  const mutated = process.argv.includes("--mutate");
  const scenarios = allScenarios.filter(
    ({ apiName, name }) =>
      (only.length === 0 || only.includes(apiName.replace(/ \(.*/, ""))) &&
      (pattern === undefined || new RegExp(pattern).test(name)),
  );
  const isFull = only.length === 0 && pattern === undefined && version === undefined;
  const running = optionsNamed("--kafka")[0];
  const started: Peer[] = [];
  const stop = async (): Promise<void> => {
    for (const peer of started.splice(0)) await peer.stop();
  };
  const endBySignal = (): void => void stop().finally(() => process.exit(1));
  process.once("SIGINT", endBySignal);
  process.once("SIGTERM", endBySignal);
  const report = new DifferentialReport((text) => {
    if (!mutated) console.log(text);
  });
  try {
    const ottla = await secondPeer();
    started.push(ottla);
    const kafka = running === undefined ? await startKafka() : await joinPeer("kafka", running);
    started.push(kafka);
    const notCompared = await runDifferential({
      kafka,
      ottla,
      scenarios,
      mutated,
      version: version === undefined ? null : Number(version),
      onComparison: (comparison) => {
        report.add(comparison);
        if (verbose)
          console.error(
            `${comparison.tookMs} ms ${comparison.apiName} v${comparison.version} ${comparison.scenario}`,
          );
        if (mutated && comparison.different.length === 0) {
          console.log(`not noticed: ${comparison.apiName} v${comparison.version} "${comparison.scenario}"`);
        }
      },
    });
    const clean = report.finish(notCompared, isFull && !process.argv.includes("--self"));
    console.log(
      `differential: ${report.compared} comparisons, ${report.equal} equal, ` +
        `${report.allowed} with allowed differences, ${report.different} differ`,
    );
    if (mutated) return report.compared > 0 && report.different === report.compared ? 0 : 1;
    return clean ? 0 : 1;
  } finally {
    await stop();
  }
}

process.exit(await main());
