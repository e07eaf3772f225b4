import { sameShape } from '../contract/nd-array.js';
import { cannot } from '../support/errors.js';
import { suggest } from '../support/suggest.js';
import type { GoldenProbe } from './bundle.js';
import { type BundleFiles, caseOf } from './bundle-files.js';
import type { CaseProbe } from './case-file.js';

/** The part of a probe that another may share (CONTRACT, section 4, `same_as`). */
export type Golden = Pick<GoldenProbe, 'value' | 'sample' | 'noise' | 'ownNoise'>;

/**
 * The place of the probe whose golden the probe `at` has; null: it has one of its own.
 * Throws a UserError where that is not an earlier probe with a golden of its own.
 */
export function findSame(folder: string, probes: readonly CaseProbe[], at: number, field: string): number | null {
  const name = probes[at]!.same_as;
  if (name === undefined) return null;
  const names = probes.map((probe) => probe.name);
  const place = names.indexOf(name);
  const fail = (is: string, wanted: string) =>
    cannot('read', caseOf(folder), `${field}[${at}].same_as is ${name}, ${is}`, wanted);
  if (place < 0) throw fail('which is not a probe', `an earlier probe is wanted.${suggest(name, names.slice(0, at))}`);
  if (place >= at) throw fail('which does not come before it', 'an earlier probe is wanted');
  const further = probes[place]!.same_as;
  if (further !== undefined) throw fail(`which is the same as ${further} itself`, `${further} is wanted`);
  return place;
}

/**
 * The golden of `first`, for a probe of the same shape. A sample has the positions that `first` has. Throws a
 * UserError.
 */
export function shareGolden(
  folder: string,
  files: BundleFiles,
  probe: CaseProbe,
  field: string,
  first: GoldenProbe,
): Golden {
  const { value, noise, ownNoise } = first;
  if (!sameShape(probe.shape, first.shape)) {
    const is = `${field}.shape is [${probe.shape.join(', ')}]`;
    throw cannot('read', caseOf(folder), is, `[${first.shape.join(', ')}], that of ${first.name}, is wanted`);
  }
  const { seed, count } = probe.sample ?? first.sample ?? {};
  if (seed !== first.sample?.seed || count !== first.sample?.count)
    throw cannot(
      'read',
      caseOf(folder),
      `${field}.sample is not that of ${first.name}`,
      'the same, or none, is wanted',
    );
  files.reuse(value, `${field}.same_as`);
  const sample = first.sample === null ? null : { ...first.sample, drawnFor: first.name };
  return { value, noise, ownNoise, sample };
}
