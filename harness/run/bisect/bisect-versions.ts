import type { Bundle } from '../../golden/bundle.js';
import type { ReleasedPort } from '../../hosts/resolve-released.js';
import { culpritOf } from '../../result/record/case-result.js';
import { cannot, EnvironmentError, UserError } from '../../support/errors.js';
import { oneLine } from '../../support/one-line.js';
import type { Progress } from '../../support/progress.js';
import { renderCount } from '../../support/render-count.js';
import { renderTable } from '../../support/table.js';
import { exitCodeOfVerdict, joinVerdicts } from '../summarise.js';
import { type Change, compareReleases, renderOwn, renderWorst } from './compare-releases.js';
import { type JudgedRelease, judgeRelease } from './judge-release.js';
import { selectReleases } from './release-range.js';

/**
 * Finds which release of a port's engine changed which layer: a bundle is judged in each, in their order, for a change
 * may be taken back.
 * @param range `1.20..1.30`
 * @param say is told the table, and what follows from it
 * @returns the exit code
 * @throws UserError for a range without releases and a bundle of training, and what no release could run for
 */
export async function bisectVersions(
  port: ReleasedPort,
  range: string,
  bundle: Bundle,
  progress: Progress,
  say: (lines: string) => void,
): Promise<number> {
  if (bundle.phase === 'train')
    throw cannot('bisect by', bundle.id, 'it is a bundle of training', 'one of inference is wanted');
  const { listReleases, prepareRelease } = await port.releases();
  const releases = selectReleases(range, await listReleases());
  const tried: Tried[] = [];
  for (const [at, release] of releases.entries()) {
    const judged = attempt(async () => {
      await prepareRelease(release, progress);
      progress.update(`Judging in ${release}, ${at + 1} of ${releases.length}`);
      return judgeRelease(release, port.at(release), bundle);
    });
    tried.push({ release, ...(await judged) });
  }
  if (tried.every(({ refused }) => refused !== null)) throw tried[0]!.refused;
  const { rows, end, exitCode } = summariseReleases(tried);
  say(renderTable([['release', 'verdict', 'worst own error', 'differs from the one before'], ...rows]));
  say(end);
  return exitCode;
}

/** What came of one release: one of the two is null. */
export interface Tried {
  readonly release: string;
  readonly judged: JudgedRelease | null;
  /** Why it did not run. */
  readonly refused: UserError | EnvironmentError | null;
}

/** @param tried in the order of the releases, at least one of them judged */
export function summariseReleases(tried: readonly Tried[]): {
  readonly rows: readonly (readonly string[])[];
  readonly end: string;
  readonly exitCode: number;
} {
  const ran = tried.flatMap(({ judged }) => judged ?? []);
  const changes = new Map(ran.slice(1).map((after, at) => [after, compareReleases(after, ran[at]!)] as const));
  const rows = tried.map(({ release, judged, refused }) =>
    judged === null
      ? [release, 'not run', '', oneLine(refused!.message)]
      : [release, judged.result.verdict, renderWorst(judged), renderChange(judged, ran, changes.get(judged))],
  );
  const verdict = joinVerdicts(tried.map(({ judged }) => judged?.result.verdict ?? 'error'));
  const lacking = tried.filter(({ judged }) => judged === null).map(({ release }) => release);
  const notRun = lacking.length === 0 ? '' : `; not run: ${lacking.join(', ')}`;
  return { rows, end: `${verdict}  ${conclude(ran, changes)}${notRun}`, exitCode: exitCodeOfVerdict(verdict) };
}

async function attempt(run: () => Promise<JudgedRelease>): Promise<Pick<Tried, 'judged' | 'refused'>> {
  try {
    return { judged: await run(), refused: null };
  } catch (error) {
    if (!(error instanceof UserError || error instanceof EnvironmentError)) throw error;
    return { judged: null, refused: error };
  }
}

/** `3 of 353 layers, first backbone.norm1: 0.31× noise, largest 0.8×; it was 0.30× noise, largest 0.7×` */
function renderChange(judged: JudgedRelease, ran: readonly JudgedRelease[], change: Change | undefined): string {
  if (change === undefined) return '';
  const { layers, shipped } = change;
  const [first] = layers;
  if (first === undefined)
    return shipped.length === 0 ? 'the same bits' : `no layer, but ${oneLine(shipped.join(', '))} without probes`;
  const count = `${layers.length} of ${renderCount(judged.result.measurements.length, 'layer')}`;
  return `${count}, first ${oneLine(first)}: ${renderOwn(judged, first)}; it was ${renderOwn(beforeOf(judged, ran), first)}`;
}

function conclude(ran: readonly JudgedRelease[], changes: ReadonlyMap<JudgedRelease, Change>): string {
  const turned = [...changes].flatMap(([judged, change]) => renderTurn(judged, beforeOf(judged, ran), change));
  if (turned.length > 0) return turned.join('; ');
  const [first] = ran;
  const { verdict, reason } = first!.result;
  const all = `no verdict changed: ${renderCount(ran.length, 'release')} ${verdict}${ran.length === 1 ? (verdict === 'pass' ? 'es' : 's') : ''}`;
  if (verdict !== 'pass') return `${all}, ${oneLine(reason ?? `the first fault is ${culpritOf(first!.result)}`)}`;
  const other = [...changes].filter(([, { layers, shipped }]) => layers.length + shipped.length > 0);
  if (other.length === 0) return `${all}, with the same bits`;
  return `${all}; bits change in ${other.map(([{ release }]) => release).join(', ')}`;
}

/** The release at which a verdict changed, and the layer. */
function renderTurn(after: JudgedRelease, before: JudgedRelease, { verdict }: Change): string[] {
  if (verdict === null) {
    if (after.result.verdict === before.result.verdict) return [];
    return [
      `${after.release} changes the verdict from ${before.result.verdict} to ${after.result.verdict}: ${after.result.reason}`,
    ];
  }
  const { name, from, to } = verdict;
  const { reason = null } = after.result.measurements.find((one) => one.name === name) ?? {};
  const figures = `own error ${renderOwn(after, name)}; in ${before.release} ${renderOwn(before, name)}`;
  return [
    `${after.release} changes the verdict of ${oneLine(name)} from ${from} to ${to}: ${reason === null ? '' : `${oneLine(reason)}, `}${figures}`,
  ];
}

/** The one before it that ran. */
function beforeOf(judged: JudgedRelease, ran: readonly JudgedRelease[]): JudgedRelease {
  return ran[ran.indexOf(judged) - 1]!;
}
