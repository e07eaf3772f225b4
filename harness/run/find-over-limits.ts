import { kindNamed, kindOfProbe } from '../kinds/index.js';
import { limitsOf, uninformativeRatio } from '../metrics/agreement.js';
import type { CaseResult, Limits, Measurement } from '../result.js';

type Multiples = Pick<Limits, 'noiseRatio' | 'maxRatio'>;

/**
 * What passes in a stored case although its figures exceed the contract's limits, or the stricter ones that the case
 * states.
 */
export function findOverLimits(found: CaseResult): string[] {
  const { measurements, shipped } = found;
  const judged = [...measurements, ...(shipped === null ? [] : [shipped.logits])];
  return [...findLoosened(found), ...judged.flatMap((one) => [...findInPlain(one, found), ...findInOwn(one)])];
}

/** A suite may only lower a limit. */
function findLoosened({ phase, limits: { noiseRatio, maxRatio } }: CaseResult): string[] {
  const contract = limitsOf(kindNamed(phase === 'train' ? 'gradient' : 'forward'));
  if (noiseRatio <= contract.noiseRatio && maxRatio <= contract.maxRatio) return [];
  return [
    `its limits are ${noiseRatio} and ${maxRatio} times the noise; the contract allows ${contract.noiseRatio} and ${contract.maxRatio}`,
  ];
}

function findInPlain(one: Measurement, found: CaseResult): string[] {
  const { name, verdict, compared } = one;
  if (verdict !== 'pass' && verdict !== 'uninformative') return [];
  const what = verdict === 'pass' ? `${name} passes` : `${name} is uninformative`;
  const limits = limitsOfProbe(one, found);
  // An mIoU of too few images is uninformative, and has no figure.
  if (limits === null) return [];
  return compared <= 0 ? [`${what}, and nothing of it was compared`] : findOver(what, one, limits);
}

/** No result has the limits of own errors. The contract's limits are the least that was asked. */
function findInOwn({ name, verdict, own }: Measurement): string[] {
  if (own?.verdict !== 'pass') return [];
  return findOver(`${name} passes on its own`, own, verdict === 'pass' ? limitsOf(kindNamed('own')) : uninformative);
}

function findOver(
  what: string,
  { noiseRatio, maxRatio }: Pick<Measurement, 'noiseRatio' | 'maxRatio'>,
  limits: Multiples,
): string[] {
  const within =
    noiseRatio !== null && noiseRatio <= limits.noiseRatio && maxRatio !== null && maxRatio <= limits.maxRatio;
  if (within) return [];
  return [
    `${what} with ${noiseRatio ?? 'no'} and ${maxRatio ?? 'no'} times the noise; at most ${limits.noiseRatio} and ${limits.maxRatio} are allowed`,
  ];
}

const uninformative: Multiples = { noiseRatio: uninformativeRatio, maxRatio: uninformativeRatio };

/**
 * Null for what is counted in pixels. A training states the limits of its gradients. The limits of its other kinds
 * follow from them.
 */
function limitsOfProbe({ name, verdict }: Measurement, { phase, limits }: CaseResult): Multiples | null {
  const kind = kindOfProbe(phase, name);
  const [first] = kind.limits;
  if (first!.unit !== '× noise') return null;
  if (verdict === 'uninformative') return uninformative;
  if (kind.limits.length === 1) return { noiseRatio: first!.limit!, maxRatio: first!.limit! };
  if (kind.name !== 'parameter') return limits;
  const own = limitsOf(kind);
  const isStricter = limits.noiseRatio < limitsOf(kindNamed('gradient')).noiseRatio;
  return isStricter ? { ...own, noiseRatio: limits.noiseRatio } : own;
}
