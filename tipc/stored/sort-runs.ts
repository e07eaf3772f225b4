import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { RefusedRun } from '../../harness/result/certificate.js';
import type { RunToCertify } from '../../harness/run/certify-runs.js';
import { readRun, type StoredRun } from '../../harness/run/read-run.js';
import { UserError } from '../../harness/support/errors.js';
import { renderCount } from '../../harness/support/figures.js';
import { verifyRun } from './verify-run.js';

export interface SortedRuns {
  /** One of each run id. */
  readonly sound: readonly RunToCertify[];
  readonly refused: readonly RefusedRun[];
  /** What is to be said of those that are refused, a sentence each. */
  readonly sentences: readonly string[];
}

/**
 * Runs that may stand in a certificate, and those that stand for nothing: what cannot be read, what `verify` finds a
 * fault in, and results of one run that differ. Missing cases and goldens of another version do not refuse a run; its
 * cells name them.
 * @param out the folder of the certificate
 */
export async function sortRuns(paths: readonly string[], out: string): Promise<SortedRuns> {
  const sound = new Map<string, RunToCertify>();
  const refused: RefusedRun[] = [];
  const sentences: string[] = [];
  const readable: StoredRun[] = [];
  for (const path of paths)
    try {
      readable.push(await readRun(path));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      refused.push({ runId: null, href: hrefTo(path, out), fault: error.message, otherFaults: 0 });
      sentences.push(error.message);
    }
  for (const run of readable) {
    const { path, result } = run;
    const { faults, unchecked, away, otherGoldens } = await verifyRun(run);
    const [fault, ...others] = [...findOther(run, readable), ...faults];
    if (fault === undefined)
      sound.set(result.runId, { result, href: hrefTo(reportOf(path), out), unchecked, away, otherGoldens });
    else {
      const more = others.length === 0 ? '' : `, and ${renderCount(others.length, 'other fault')}`;
      refused.push({ runId: result.runId, href: hrefTo(path, out), fault, otherFaults: others.length });
      sentences.push(
        `Cannot certify ${path}: ${fault}${more}; a run that is what it says is wanted. Fix: npx tipcheck verify ${path}`,
      );
    }
  }
  return { sound: [...sound.values()], refused, sentences };
}

/** Which of two is true cannot be told: both are refused. */
function findOther({ text, result: { runId } }: StoredRun, runs: readonly StoredRun[]): string[] {
  const other = runs.find((run) => run.result.runId === runId && run.text !== text);
  return other === undefined ? [] : [`${other.path} is of the run ${runId}, too, and says something else`];
}

/** The report for people where there is one. */
function reportOf(resultPath: string): string {
  const page = join(dirname(resultPath), 'report.html');
  return existsSync(page) ? page : resultPath;
}

/** From where the certificate will lie; with slashes, as addresses have them. A folder may be called `javascript:…`. */
function hrefTo(path: string, out: string): string {
  const href = relative(resolve(out), resolve(path)).replaceAll('\\', '/');
  return href.startsWith('../') ? href : `./${href}`;
}
