// Who asks a group coordinator, as far as it matters there.

export interface GroupRequestContext {
  readonly apiVersion: number;
  /** Empty when the client gave none. */
  readonly clientId: string;
  /** As Kafka prints an address: `/127.0.0.1`. Part of what DescribeGroups shows. */
  readonly clientHost: string;
}
