import { blameOf, type CaseResult, type Measurement } from '../result/record/case-result.js';

/**
 * The first probe, in the bundle's order, whose own error fails; if there is none, the first that fails or is missing.
 * (CONTRACT, section 3, `first_fault`.)
 */
export function findFirstFault(measurements: readonly Measurement[]): Pick<CaseResult, 'firstFault' | 'firstFaultBy'> {
  const byOwn = measurements.find((measurement) => blameOf(measurement) === 'faulty');
  if (byOwn !== undefined) return { firstFault: byOwn.name, firstFaultBy: 'own' };
  const accumulated = measurements.find(({ verdict }) => verdict === 'fail' || verdict === 'missing');
  if (accumulated !== undefined) return { firstFault: accumulated.name, firstFaultBy: 'accumulated' };
  return { firstFault: null, firstFaultBy: null };
}
