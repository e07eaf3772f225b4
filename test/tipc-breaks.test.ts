import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type BreakFolder, makeBreakFolder, type Outcome, openBreakFolder } from './breaks/break-folder.js';
import type { BreakRow } from './breaks/break-row.js';
import { breaksBefore } from './breaks/breaks-before.js';
import { breaksOfRecords } from './breaks/breaks-of-records.js';
import { breaksOfWeights } from './breaks/breaks-of-weights.js';

t.setTimeout(7_200_000);

/** `node dist/test/tipc-breaks.test.js 'an mIoU' weights/` runs the breaks whose names hold one of these texts. */
const asked = process.argv.slice(2);
const isAll = process.env.TIPCHECK_TEST_ALL === '1';
const isWanted = ({ name, quick }: BreakRow) =>
  asked.length > 0 ? asked.some((text) => name.includes(text)) : isAll || quick === true;

const before = inGroup('before', breaksBefore);
const after = [...inGroup('weights', breaksOfWeights), ...inGroup('records', breaksOfRecords)];
const all = [...before, ...after];

t.test('there are at least 40 ways to break a run, each with a name of its own', async (t) => {
  t.ok(all.length >= 40, `${all.length}`);
  t.equal(new Set(all.map(({ name }) => name)).size, all.length);
});

t.test('a broken run is red, refused or reduced, and never green in silence', async (t) => {
  const place = t.testdir();
  const base = join(place, 'base');
  const folder = await makeBreakFolder(base);
  const made = await folder.run();
  t.equal(made.exitCode, 0, `the run without a break is green: ${made.output}`);
  t.equal(await findReduction(folder, made), null, 'and nothing about it is reduced');
  const verified = await folder.ask('verify', await folder.report());
  t.equal(verified.exitCode, 0, `and it is what it says: ${verified.output}`);
  for (const row of before.filter(isWanted)) await breakOne(t, row, place, makeBreakFolder);
  for (const row of after.filter(isWanted))
    await breakOne(t, row, place, async (path) => {
      await cp(base, path, { recursive: true });
      return openBreakFolder(path);
    });
});

function inGroup(group: string, rows: readonly BreakRow[]): BreakRow[] {
  return rows.map((row) => ({ ...row, name: `${group}/${row.name}` }));
}

let number = 0;

async function breakOne(
  t: Test,
  row: BreakRow,
  place: string,
  open: (path: string) => Promise<BreakFolder>,
): Promise<void> {
  await t.test(row.name, async (t) => {
    const path = join(place, `${number++}`);
    const folder = await open(path);
    const outcome = await row.breakIt(folder);
    t.strictSame(await findFaults(row, folder, outcome), [], 'red, refused or reduced', {
      said: outcome.output.slice(-1500),
    });
    await rm(path, { recursive: true });
  });
}

/** What is wrong with how a break ended, in words. */
async function findFaults(row: BreakRow, folder: BreakFolder, outcome: Outcome): Promise<readonly string[]> {
  const { exitCode, output } = outcome;
  const ugly = /^\s+at .+:\d+:\d+\)?$|defect of tipcheck/m.test(output) ? ['a stack trace'] : [];
  if (exitCode === 1 || exitCode === 2) return ugly;
  if (exitCode !== 0) return [...ugly, `exit ${exitCode}; 1 or 2 is wanted`];
  if (row.mayBeAway === true) return [...ugly, ...(await findSilence(folder, output))];
  if (row.mayBeReduced !== true) return [...ugly, 'green'];
  const reduction = await findReduction(folder, outcome);
  return reduction === null ? [...ugly, 'green, and nothing says that it is reduced'] : [...ugly, ...reduction];
}

/** Where it is not said that a file is away. */
async function findSilence(folder: BreakFolder, output: string): Promise<readonly string[]> {
  await folder.ask('certificate', 'reports', '--out', 'certificate');
  const certificate = await folder.read('certificate/certificate.md');
  const cell = certificate.split('\n').find((line) => line.startsWith('| small')) ?? '';
  return [
    ...(/^not checked: .*/m.test(output) ? [] : ['verify does not say that a file is away']),
    ...(/away|not there|gone/.test(cell) ? [] : [`the certificate's cell is ${cell}`]),
  ];
}

/** Null where nothing says that a green run is reduced; else where it is not said. */
async function findReduction(folder: BreakFolder, { output }: Outcome): Promise<readonly string[] | null> {
  const result = JSON.parse(await readFile(join(folder.path, await folder.report(), 'result.json'), 'utf8'));
  await folder.ask('certificate', 'reports', '--out', 'certificate');
  const certificate = await folder.read('certificate/certificate.md');
  const cell = certificate.split('\n').find((line) => line.startsWith('| small')) ?? '';
  const stored = [result.tipc, ...result.tipc.steps].some(
    ({ deviations, observed }) => deviations?.length > 0 || observed?.length > 0,
  );
  const said = {
    'it is not printed': /deviation|reduced|stand-in/.test(output),
    'it is not stored': stored || /stand-in/.test(JSON.stringify(result)),
    [`the certificate's cell is ${cell}`]: /reduced|stand-in/.test(cell),
  };
  const missing = Object.entries(said).filter(([, isSaid]) => !isSaid);
  return missing.length === Object.keys(said).length ? null : missing.map(([what]) => what);
}
