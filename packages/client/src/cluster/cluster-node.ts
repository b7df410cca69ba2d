// A broker as clients know it.

/** Who and where. Bootstrap addresses have negative ids until the cluster told the true ones. */
export interface ClusterNode {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/** `localhost:9092 (id: 1 rack: null isFenced: false)`, as Apache Kafka prints a node. */
export function nodeText(node: ClusterNode & { readonly isFenced?: boolean }): string {
  const { id, host, port, rack, isFenced } = node;
  return `${host}:${port} (id: ${id} rack: ${rack ?? "null"} isFenced: ${isFenced ?? false})`;
}
