// Bounds of the HTTP server for /metrics and /healthz.

export const httpLimits = {
  /** Scrapers and load balancers; more than that is an accident. */
  connectionsMax: 64,
  /** Milliseconds for a whole request to arrive. */
  requestMsMax: 5_000,
  /** Milliseconds that an idle connection is kept. */
  keepAliveMs: 30_000,
} as const;
