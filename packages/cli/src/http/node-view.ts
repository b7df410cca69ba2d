// What `/metrics` and `/healthz` show of a node: nothing but the process while it starts, then its broker.
import { type Broker, counter, gauge, type MetricSample } from "@ottla/broker";
import type { Process } from "@ottla/ports";
import type { OperationView } from "./operation-server.ts";
import { prometheusText } from "./prometheus-text.ts";

/** `broker` answers null until the node serves and once it stops. */
export function nodeView(process: Process, broker: () => Broker | null): OperationView {
  return {
    metrics: () => prometheusText([...processSamples(process), ...brokerSamples(broker())]),
    complaints: () => complaintsOf(broker()),
  };
}

function complaintsOf(broker: Broker | null): string[] {
  if (broker === null) return ["the broker is not serving"];
  const complaints = offlineDirectories(broker).map((path) => `log directory ${path} is offline`);
  if (isFenced(broker)) complaints.push("the broker is fenced");
  return complaints;
}

function offlineDirectories(broker: Broker): string[] {
  return broker.services.logs.directories.flatMap(({ path, isOnline }) => (isOnline ? [] : [path]));
}

function isFenced(broker: Broker): boolean {
  const { metadata, nodeId } = broker.services;
  return metadata.image.cluster.brokers.get(nodeId)?.fenced !== false;
}

/** Under the names that every Prometheus dashboard knows. */
function processSamples(process: Process): MetricSample[] {
  return [
    counter("process_cpu_seconds_total", "CPU time, user and system.", process.cpuSeconds()),
    gauge("process_resident_memory_bytes", "Resident memory.", process.residentBytes()),
    gauge("process_max_fds", "Limit of open files.", process.openFilesMax()),
  ];
}

function brokerSamples(broker: Broker | null): MetricSample[] {
  if (broker === null) return [];
  const offline = offlineDirectories(broker).length;
  return [
    gauge(
      "ottla_broker_fenced",
      "1 while the controller keeps clients away from this broker.",
      +isFenced(broker),
    ),
    gauge("ottla_log_directories_offline", "Log directories lost to a disk error.", offline),
    ...broker.metrics.samples(),
  ];
}
