import type { CaseResult } from '../result/record/case-result.js';
import type { Result } from '../result/record/result.js';
import { findFailingSize } from './try-sizes.js';
import { isExpired, isFailing } from './waive.js';

/** What is waived fails, and by a waiver that the run was given and that was not over. */
export function findWaiverFaults(found: CaseResult, { waivers = [], startedAt }: Result): string[] {
  const { verdict, measurements, waived } = found;
  const faults: string[] = [];
  const marked = measurements.filter((one) => one.waived !== undefined);
  const excuses = [...marked.map((one) => one.waived!), ...(waived === undefined ? [] : [waived])];
  const day = startedAt.slice(0, 10);
  const stray = excuses.find(
    ({ because, until }) =>
      isExpired({ until }, day) || !waivers.some((use) => use.because === because && use.until === until),
  );
  if (stray !== undefined) faults.push(`it waives by what no waiver of the run says (${stray.because})`);
  const idle = marked.find((one) => !isFailing(one));
  if (idle !== undefined) faults.push(`${idle.name} is waived, and does not fail`);
  if (verdict !== 'waived') return faults;
  if (excuses.length === 0) faults.push('it is waived, and nothing of it is');
  const open = measurements.find((one) => isFailing(one) && one.waived === undefined);
  if (open !== undefined) faults.push(`it is waived, and ${open.name} is not`);
  if (findFailingSize(found.sizes) !== null)
    faults.push('it is waived, and a size that its file declares fails, which no waiver names');
  return faults;
}
