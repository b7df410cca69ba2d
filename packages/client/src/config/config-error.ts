// A setting that a client cannot work with. The words are Apache Kafka's, because people search for them.

/** A bad or missing setting; `key` is its name. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";
  readonly key: string;
  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }
}

/** A value that breaks its rule. */
export function invalidValue(key: string, value: unknown, reason: string): ConfigError {
  return new ConfigError(key, `Invalid value ${String(value)} for configuration ${key}: ${reason}`);
}
