// The door of package broker.
export { type AuthorizableAction, type Authorizer, allowAll, denyAll } from "./authorizer/authorizer.ts";
export { Broker, type BrokerOptions, BrokerStartError } from "./broker.ts";
export type { BrokerServices } from "./broker-services.ts";
export { advertisedApis, apiTable } from "./dispatch/api-table.ts";
export type { BrokerMetrics } from "./metrics/broker-metrics.ts";
export { counter, gauge, type MetricSample } from "./metrics/metric.ts";
