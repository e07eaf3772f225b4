import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { register } from '../../cli/commands/merge.js';
import { endRunner } from '../../cli/run-command-for-tests.js';
import { makeCase, makeResult } from '../../harness/reporters/result-for-tests.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { RunInputs } from '../../harness/result/record/tipc-run.js';
import { mergeResults } from '../../harness/run/merge-results.js';
import { readRun, type StoredRun } from '../../harness/run/read-run.js';
import { parseManifest } from '../inputs/manifest.js';
import { enterFolder, storeRun } from './stored-run-for-tests.js';
import { verifyRun } from './verify-run.js';

const run = endRunner(register, 'merge');

t.setTimeout(300_000);

t.test('runs that read the same are one, which is what it says', async (t) => {
  enterFolder(t);
  const one = await storeRun({ runId: 'one' });
  t.equal(await merge(t, one, await storeRun({ runId: 'two', port: 'tfjs', isSecond: true })), 0);
  const stored = await readRun('merged');
  const { inputs, files } = stored.result.tipc!;
  t.equal(inputs!.manifest.path, 'merged/inputs.sha256');
  t.equal(parseManifest(readFileSync('merged/inputs.sha256', 'utf8'))!.length, 10);
  t.ok(files!.some(({ path }) => path === 'reports/two/tfjs/2-eval.json'));
  t.strictSame(await found(stored), { faults: [], unchecked: [], away: 0 });
  writeFileSync('data/d', 'x');
  t.match((await verifyRun(stored)).faults, [/^data\/d has the hash /]);
  writeFileSync('data/d', '4');
  rmSync('reports/two', { recursive: true });
  const { faults, away } = await found(stored);
  t.strictSame([faults, away], [[], 11], 'a part that is elsewhere is not a fault of the whole');
});

t.test('runs whose folders lie elsewhere now are one, by the files in those folders', async (t) => {
  const folder = enterFolder(t);
  const parts = [await storeRun({ runId: 'one' }), await storeRun({ runId: 'two', port: 'tfjs', isSecond: true })];
  mkdirSync('else/where/runs', { recursive: true });
  for (const part of parts) renameSync(part, join('else/where', part.replace('reports', 'runs')));
  process.chdir('else/where');
  t.equal(await merge(t, 'runs/one', 'runs/two'), 0);
  const stored = await readRun('merged');
  t.ok(stored.result.tipc!.files!.some(({ path }) => path.endsWith('runs/two/tfjs/2-eval.json')));
  t.equal(parseManifest(readFileSync('merged/inputs.sha256', 'utf8'))!.length, 10);
  t.strictSame((await verifyRun(stored)).faults, []);
  const record = 'runs/two/tfjs/2-eval-judged.json';
  const text = readFileSync(record, 'utf8');
  writeFileSync(record, text.replace('0.25', '0.95'));
  t.match((await verifyRun(stored)).faults.join('\n'), /runs\/two\/tfjs\/2-eval-judged\.json has the hash /);
  writeFileSync(record, text);
  cpSync('runs/one/inputs.sha256', 'kept');
  writeFileSync('runs/one/inputs.sha256', readFileSync('runs/two/inputs.sha256', 'utf8').replace(/^./, '0'));
  rmSync('merged', { recursive: true });
  await t.rejects(merge(t, 'runs/one', 'runs/two'), /^Cannot merge .*inputs\.sha256 has the hash /);
  process.chdir(folder);
});

t.test('runs of two folders are one that is held as its parts are', async (t) => {
  const merged = async () => {
    enterFolder(t);
    writeFileSync('data/made-by-tipcheck.json', '{"insteadOf": "Cityscapes"}');
    await mergeFolders(t);
    return readRun('merged');
  };
  const stored = await merged();
  t.equal(stored.result.tipc!.file, '../a/own.txt');
  t.strictSame(await found(stored), { faults: [], unchecked: [], away: 0 });
  for (const [change, sentence] of [
    [
      (text: string) => text.replace(/("images": )2(,\s*"bytes")/, '$1500$2'),
      /^train_dataset of own\.yml: counted again it is Dataset in \.\.\/a\/data by \.\.\/a\/data\/train\.list: 2 pictures, /m,
    ],
    [
      (text: string) => text.replaceAll('"standsInFor": "Cityscapes"', '"standsInFor": null'),
      /its data stand in for Cityscapes; .* says that they do not/,
    ],
    [
      (text: string) => text.replace('"model": "toy"', '"model": "toy_l"'),
      /^result\.json says model toy_l; \.\.\/a\/own\.txt says toy$/m,
    ],
    [
      (text: string) => {
        const record = JSON.parse(text);
        (record.tipc ?? record).inputs.configs[0].used.sha256 = '0'.repeat(64);
        return JSON.stringify(record);
      },
      /^\.\.\/a\/own\.yml says something else now: /m,
    ],
    [
      (text: string) => text.replace(/("startedAt": ")\d{4}/, '$12099'),
      /^merged\/plan\.json has the hash |^plan\.json has the hash /m,
    ],
  ] as const) {
    await merged();
    for (const file of ['plan.json', 'result.json'])
      writeFileSync(join('merged', file), change(readFileSync(join('merged', file), 'utf8')));
    t.match((await verifyRun(await readRun('merged'))).faults.join('\n'), sentence);
  }
});

t.test('weights of one name that differ in two folders are refused', async (t) => {
  enterFolder(t);
  await t.rejects(
    mergeFolders(t, (folder) => ({ weights: [{ path: 'w.pdparams', bytes: 1, sha256: folder.repeat(64) }] })),
    {
      message: /^Cannot merge one and two: .*w\.pdparams/,
    },
  );
});

t.test('runs that read something else by one name are refused', async (t) => {
  for (const [change, what] of [
    [
      () => writeFileSync('data/train.list', 'a b\n'),
      /they read different versions of the data set train_dataset of own\.yml \(2 pictures, sha256 \w{12}; 1 pictures, sha256 \w{12}\)/,
    ],
    [() => writeFileSync('data/d', 'x'), /they read different versions of the data set train_dataset of own\.yml /],
    [
      () => writeFileSync('base.yml', 'iters: 4\nmodel: {type: None}\n'),
      /they read different versions of the yml own\.yml /,
    ],
    [() => writeFileSync('data/infer.list', 'c\n'), /they read different versions of the data set data\/infer\.list /],
  ] as const) {
    enterFolder(t);
    const one = await storeRun({ runId: 'one' });
    change();
    const two = await storeRun({ runId: 'two', port: 'tfjs', isSecond: true });
    await t.rejects(merge(t, one, two), { name: 'UserError', message: what });
    await t.rejects(readRun('merged'), /there is no such run/, 'nothing is written');
  }
});

t.test(
  'a run that does not say what it read is merged with no other, and a part without its manifest is not either',
  async (t) => {
    enterFolder(t);
    const one = await storeRun({ runId: 'one' });
    const two = await storeRun({ runId: 'two', port: 'tfjs', isSecond: true });
    rmSync(join(two, 'inputs.sha256'));
    await t.rejects(
      merge(t, one, two),
      /^Cannot merge .*two\/result\.json: .*inputs\.sha256 is missing; .* Fix: npx tipcheck verify reports\/two$/,
    );
    const { result } = await readRun(two);
    const earlier = { tipcheckVersion: '0.1.0', limits: 'limits/1', goldens: 'goldens/1' };
    await writeReport(two, { ...result, ...earlier, tipc: { ...result.tipc!, inputs: null } });
    await t.rejects(merge(t, one, two), {
      message: /^Cannot merge one and two: two does not say what it read; .* Fix: run two again$/,
    });
  },
);

t.test('runs that were judged on different goldens of one name are refused', async (t) => {
  const goldens = (sha: string) => ({ madeBy: 'x', caseSha256: sha.repeat(64) });
  const of = (port: string, sha: string) => ({
    label: port,
    result: makeResult([makeCase({ port, goldens: goldens(sha) })]),
  });
  t.throws(() => mergeResults([of('ort', 'a'), of('tfjs', 'b')]), {
    name: 'UserError',
    message:
      'Cannot merge ort and tfjs: they were judged on different goldens of the name segnext-t (sha256 aaaaaaaaaaaa; bbbbbbbbbbbb); the same inputs are wanted',
  });
  t.equal(mergeResults([of('ort', 'a'), of('tfjs', 'a')]).cases.length, 2);
});

/** The same files in two folders, and a run in each. */
async function found(stored: StoredRun) {
  const { faults, unchecked, away } = await verifyRun(stored);
  return { faults, unchecked, away };
}

async function mergeFolders(t: Test, inputs: (folder: string) => Partial<RunInputs> = () => ({})): Promise<void> {
  const root = process.cwd();
  for (const [folder, run] of [
    ['a', { runId: 'one' }],
    ['b', { runId: 'two', port: 'tfjs', isSecond: true }],
  ] as const) {
    for (const name of ['own.txt', 'own.yml', 'base.yml', 'data'])
      cpSync(name, join(folder, name), { recursive: true });
    process.chdir(folder);
    await storeRun({ ...run, inputs: inputs(folder) });
    process.chdir(root);
  }
  await merge(t, 'a/reports/one', 'b/reports/two');
}

async function merge(t: Test, ...runs: string[]): Promise<number> {
  return (await run(t, [...runs, '--out', 'merged', '--port', 'ort', 'tfjs'])).code;
}
