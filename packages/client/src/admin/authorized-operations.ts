// Operations that a caller is authorized to: a bit per operation code on the wire.

/** The wire's value for "was not asked for". */
const OPERATIONS_ABSENT = -2147483648;
const OPERATION_CODE_MAX = 31;

/** Codes of the operations, ascending; null when they were not asked for or not told. */
export function operationsOf(bits: number, wereAskedFor: boolean | undefined): readonly number[] | null {
  if (wereAskedFor !== true || bits === OPERATIONS_ABSENT) return null;
  const codes: number[] = [];
  for (let code = 0; code <= OPERATION_CODE_MAX; code += 1) if ((bits & (1 << code)) !== 0) codes.push(code);
  return codes;
}
