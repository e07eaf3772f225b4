import { causesInOrder } from '../kinds/index.js';
import { type Fault, isUnsteady, type Measurement } from './record/case-result.js';

/**
 * The likely cause of what fails (CONTRACT, section 3, `fault`): of the first kind, in the order of causes, of which
 * something fails or is missing, the one that its kind says is nearest to the cause. Null where nothing fails, of an
 * evaluation, and where only rounding adds up from layer to layer.
 */
export function findFault(measurements: readonly Measurement[]): Fault | null {
  for (const { name: kind, nearest } of causesInOrder) {
    const failing = measurements.filter((one) => one.kind === kind && isCause(one));
    const found = failing.at(nearest === 'last' ? -1 : 0);
    if (found !== undefined) return { kind, name: found.name };
  }
  return null;
}

/**
 * A layer counts by its own error if that was judged, since what it inherits is not its fault. A missing one counts,
 * and one whose runs differ: its own error is that of one run.
 */
function isCause(measurement: Measurement): boolean {
  const { verdict, own } = measurement;
  if (verdict === 'missing' || isUnsteady(measurement)) return true;
  if (own !== null && own.verdict !== 'reported') return own.verdict === 'fail';
  return verdict === 'fail';
}
