// Protocol errors: look-up by code, and the exception that carries one through code that cannot return it.
// Per-partition outcomes are codes in a response, never exceptions. The table itself is generated
// (generated/error-table.ts).
import { type ErrorSpec, errors } from "./generated/error-table.ts";

const byCode: ReadonlyMap<number, ErrorSpec> = new Map(
  Object.values(errors).map((spec: ErrorSpec) => [spec.code, spec]),
);

/** The error with this wire code, or undefined when the code is unknown. */
export function findError(code: number): ErrorSpec | undefined {
  return byCode.get(code);
}

/** The error with this wire code; an unknown code is UNKNOWN_SERVER_ERROR, as in Kafka. */
export function errorForCode(code: number): ErrorSpec {
  return byCode.get(code) ?? errors.UNKNOWN_SERVER_ERROR;
}

/** A whole request that ends in a protocol error. */
export class KafkaError extends Error {
  override readonly name: string = "KafkaError";
  readonly spec: ErrorSpec;

  /** `message` is for people; it defaults to the error's meaning. */
  constructor(spec: ErrorSpec, message?: string, options?: { cause?: unknown }) {
    super(message ?? spec.meaning, options);
    this.spec = spec;
  }

  get code(): number {
    return this.spec.code;
  }
}
