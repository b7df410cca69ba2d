// Samples in the Prometheus text format (version 0.0.4). Written by hand: the broker keeps its own numbers,
// and a metrics library would only copy them into a second registry at every scrape.
import type { MetricSample } from "@ottla/broker";

export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** All samples, those of one name together, in the order in which names first appear. */
export function prometheusText(samples: readonly MetricSample[]): string {
  const families = new Map<string, MetricSample[]>();
  for (const sample of samples) {
    const family = families.get(sample.name);
    if (family === undefined) families.set(sample.name, [sample]);
    else family.push(sample);
  }
  let text = "";
  for (const [name, family] of families) {
    const [{ help, kind }] = family as [MetricSample];
    text += `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n`;
    for (const sample of family) text += sampleText(sample);
  }
  return text;
}

function sampleText(sample: MetricSample): string {
  const { name, labels, value } = sample;
  if (sample.kind !== "histogram") return `${name}${labelText(labels)} ${numberText(value)}\n`;
  let text = "";
  for (const { upTo, count } of sample.buckets ?? []) {
    text += `${name}_bucket${labelText({ ...labels, le: numberText(upTo) })} ${numberText(count)}\n`;
  }
  text += `${name}_bucket${labelText({ ...labels, le: "+Inf" })} ${numberText(value)}\n`;
  text += `${name}_sum${labelText(labels)} ${numberText(sample.sum ?? 0)}\n`;
  return `${text}${name}_count${labelText(labels)} ${numberText(value)}\n`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
