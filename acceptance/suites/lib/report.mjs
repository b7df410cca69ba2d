// Turns a suite's raw results into the JSON report, the last line 'N passed, N failed' and the exit status.
// node report.mjs --suite S --version V --bootstrap B --list FILE --gate N --format gotest|librdkafka|tsv --started MS
//                 [--input FILE]... [--out FILE] [--all 1] [--only REGEX] [--note TEXT] [--names 1] [--failed 1]
// A test on the list that failed, was skipped or never ran counts as failed. --names prints the chosen names, --failed the failed ones.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const option = { input: [], gate: "99" };
for (let i = 2; i < process.argv.length; i += 2) {
  const key = process.argv[i].replace(/^--/, "");
  if (key === "input") option.input.push(process.argv[i + 1]);
  else option[key] = process.argv[i + 1];
}

// allow-list lines: GATE NAME [# comment]
const listed = [];
for (const line of readFileSync(option.list, "utf8").split("\n")) {
  const text = line.replace(/(^|\s)#.*$/, "").trim();
  if (!text) continue;
  const m = /^(\d+)\s+(\S.*)$/.exec(text);
  if (!m) throw new Error(`${option.list}: cannot read '${line}'`);
  listed.push({ gate: Number(m[1]), name: m[2] });
}
const only = option.only ? new RegExp(option.only) : undefined;
const chosen = listed.filter((t) => t.gate <= Number(option.gate) && (!only || only.test(t.name)));
if (option.names) {
  process.stdout.write(chosen.map((t) => `${t.name}\n`).join(""));
  process.exit(0);
}

/** @type {Map<string, {status: string, seconds: number, message: string}>} */
const results = new Map();
const tries = new Map(); // tests that failed and were run again
const add = (name, status, seconds, message) => {
  const old = results.get(name);
  if (old && old.status === "fail") return; // a failure is never overwritten
  results.set(name, { status, seconds: Math.round(seconds * 1000) / 1000, message: message.slice(-2000) });
};
const readers = {
  retry(text) {
    readers.gotest(text, true);
  },
  gotest(text, retry) {
    const output = new Map();
    const seen = new Set(); // a later file's verdict replaces an earlier one's
    for (const line of text.split("\n")) {
      if (!line.startsWith("{")) continue;
      let e;
      try {
        e = JSON.parse(line);
      } catch {
        continue;
      }
      if (!e.Test) continue;
      const top = e.Test.split("/")[0];
      if (!seen.has(top)) {
        seen.add(top);
        for (const [name, r] of results) {
          if (name !== top && !name.startsWith(`${top}/`)) continue;
          if (retry && r.status !== "pass") tries.set(name, (tries.get(name) ?? 1) + 1);
          results.delete(name);
        }
      }
      if (e.Action === "output") {
        if (!/^\s*(===|---) /.test(e.Output))
          output.set(e.Test, ((output.get(e.Test) ?? "") + e.Output).slice(-4000));
      } else if (["pass", "fail", "skip"].includes(e.Action))
        add(e.Test, e.Action, e.Elapsed ?? 0, e.Action === "pass" ? "" : (output.get(e.Test) ?? ""));
      else if (e.Action === "run" && !results.has(e.Test))
        results.set(e.Test, { status: "unfinished", seconds: 0, message: "did not finish" });
    }
  },
  librdkafka(text) {
    if (!text.trim()) return;
    for (const [name, t] of Object.entries(JSON.parse(text).tests ?? {})) {
      const id = name.slice(0, 4);
      const status = { PASSED: "pass", FAILED: "fail", SKIPPED: "skip" }[t.state] ?? "fail";
      if (status === "skip" && results.get(id)?.status === "pass") continue;
      add(
        id,
        status,
        t.duration ?? 0,
        `${name}${t.report ? ": " + JSON.stringify(t.report).slice(0, 500) : ""}`,
      );
    }
  },
  tsv(text) {
    for (const line of text.split("\n")) {
      if (!line) continue;
      const [status, seconds, name, message = ""] = line.split("\t");
      add(name, status, Number(seconds), message);
    }
  },
};
for (const input of option.input) {
  // FILE, or FORMAT:FILE
  const [, format = option.format, file] = /^(?:(gotest|retry|librdkafka|tsv):)?(.*)$/.exec(input);
  if (existsSync(file)) readers[format](readFileSync(file, "utf8"));
}

const tests = chosen.map(({ gate, name }) => {
  const r = results.get(name) ?? { status: "missing", seconds: 0, message: option.note || "did not run" };
  return { name, gate, ...r, tries: tries.get(name) };
});
const failed = tests.filter((t) => t.status !== "pass");
const passed = tests.length - failed.length;
if (option.failed) {
  // names only
  process.stdout.write(
    failed
      .filter((t) => t.status !== "skip")
      .map((t) => `${t.name}\n`)
      .join(""),
  );
  process.exit(0);
}
const names = new Set(listed.map((t) => t.name));
const unlisted = [...results].filter(([name]) => !names.has(name)).map(([name, r]) => ({ name, ...r }));
const report = {
  suite: option.suite,
  version: option.version,
  bootstrap: option.bootstrap,
  gate: Number(option.gate),
  started: new Date(Number(option.started)).toISOString(),
  seconds: Math.round((Date.now() - Number(option.started)) / 100) / 10,
  passed,
  failed: failed.length,
  note: option.note || undefined,
  tests,
  unlisted: option.all ? unlisted : undefined,
};
if (option.out) {
  mkdirSync(dirname(option.out), { recursive: true });
  writeFileSync(option.out, JSON.stringify(report, null, 1) + "\n");
}
if (option.note && !results.size) console.log(`FAILED all: ${option.note}`);
else
  for (const t of failed) {
    console.log(`FAILED ${t.name} (${t.status}, ${t.seconds} s)`);
    if (t.message)
      console.log(
        t.message
          .trimEnd()
          .split("\n")
          .slice(-8)
          .map((l) => `    ${l}`)
          .join("\n"),
      );
  }
for (const t of tests)
  if (t.tries && t.status === "pass") console.log(`passed only at try ${t.tries}: ${t.name}`);
if (option.all) for (const t of unlisted) console.log(`not listed: ${t.status} ${t.name} (${t.seconds} s)`);
console.log(`${option.suite} ${option.version} against ${option.bootstrap}: ${report.seconds} s`);
console.log(`${passed} passed, ${failed.length} failed`);
process.exit(failed.length === 0 && passed > 0 ? 0 : 1);
