import type { Result } from '../../harness/result/record/result.js';
import { isPortNamed } from '../../harness/run/port-before-merge.js';
import type { GateInputs } from './gate-inputs.js';

/** How a gate ends. */
export interface GateOutcome {
  readonly verdict: 'pass' | 'waived' | 'fail' | 'error' | 'not-run' | 'usage';
  /** Of the gate itself, after fail-on. */
  readonly exitCode: number;
  /** The first layer at fault that no waiver names, or an empty text. */
  readonly firstFault: string;
  /** What is required and did not run, a sentence; null where nothing is. */
  readonly unmet: string | null;
}

/**
 * @param code of `tipcheck`; null where a signal ended it
 * @param result what it wrote; null where it wrote nothing
 */
export function outcomeOf(
  code: number | null,
  result: Result | null,
  { failOn, require }: Pick<GateInputs, 'failOn' | 'require'>,
): GateOutcome {
  const firstFault = firstFaultOf(result);
  if (code === 2) return { verdict: 'usage', exitCode: 2, firstFault, unmet: null };
  const unmet = unmetOf(result, require);
  const judged = verdictOf(code, result);
  const verdict = unmet !== null && (judged === 'pass' || judged === 'waived') ? 'not-run' : judged;
  const isRed = verdict !== 'pass' && failOn.includes(verdict);
  const exitCode = isRed && verdict === judged ? exitCodes[verdict] : unmet === null ? 0 : 1;
  return { verdict, exitCode, firstFault, unmet };
}

const exitCodes = { pass: 0, fail: 1, waived: 1, error: 3, 'not-run': 3 } as const;

/**
 * The exit code says what happened; of 0 and 3 the result says which. A run without a result is an error, whatever its
 * code.
 */
function verdictOf(code: number | null, result: Result | null): 'pass' | 'waived' | 'fail' | 'error' | 'not-run' {
  if (result === null) return 'error';
  if (code === 0) return result.verdict === 'waived' ? 'waived' : result.verdict === 'pass' ? 'pass' : 'error';
  if (code === 1) return 'fail';
  return code === 3 && result.verdict !== 'error' ? 'not-run' : 'error';
}

function firstFaultOf(result: Result | null): string {
  const found = result?.cases.find(({ verdict, firstFault }) => verdict !== 'waived' && firstFault !== null);
  return found?.firstFault ?? '';
}

/** A device is met where every case ran on it; a port, where one of its cases did not fail to run. */
function unmetOf(result: Result | null, require: readonly string[]): string | null {
  const unmet = require.filter((wanted) => !isMet(result, wanted));
  return unmet.length === 0 ? null : `required and not run: ${unmet.join(', ')}`;
}

function isMet(result: Result | null, wanted: string): boolean {
  const { cases, command } = result ?? { cases: [], command: [] };
  if (wanted === 'gpu' || wanted === 'cpu')
    return cases.length > 0 && cases.every(({ engine }) => engine?.device === wanted);
  return cases.some(
    ({ port, verdict }) => isPortNamed(port, wanted, command) && verdict !== 'error' && verdict !== 'not-run',
  );
}
