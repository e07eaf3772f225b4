import { findReporters } from '../reporters/find-reporters.js';
import type { Reporter } from '../reporters/reporter.js';
import type { Result } from '../result/record/result.js';
import { packageVersion } from '../support/package-root.js';
import { readTextOrNull } from '../support/read-text.js';
import type { Findings } from './findings.js';

/**
 * Of another version, only that its reports are there can be checked: they may look otherwise.
 * @param reporters all formats
 */
export async function checkReports(
  folder: string,
  result: Result,
  reporters: Iterable<Reporter> | null = null,
): Promise<Findings> {
  const missing: string[] = [];
  for (const { fileName, since } of reporters ?? (await findReporters()).values())
    if (!isEarlier(result.tipcheckVersion, since) && (await readTextOrNull(folder, fileName)) === null)
      missing.push(`${fileName} is missing; the run wrote one`);
  const isOther = result.tipcheckVersion !== packageVersion;
  const unchecked = isOther ? [`what the reports say, for tipcheck ${result.tipcheckVersion} wrote them`] : [];
  return { faults: [...missing, ...(await findChangedReports(folder, result))], unchecked };
}

/** Reports of this version that lie beside a result and say something else; those that are not there say nothing. */
async function findChangedReports(folder: string, result: Result): Promise<string[]> {
  if (result.tipcheckVersion !== packageVersion) return [];
  const changed: string[] = [];
  for (const { fileName, render } of (await findReporters()).values()) {
    const stored = await readTextOrNull(folder, fileName);
    if (stored !== null && stored !== render(result)) changed.push(`${fileName} is not what result.json gives`);
  }
  return changed;
}

/** Whether one version comes before another. A text that is not a version comes before none. */
function isEarlier(version: string, other: string): boolean {
  const [left, right] = [version, other].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at >= 0 && left[at]! < right[at]!;
}
