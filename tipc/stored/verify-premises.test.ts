import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { Result } from '../../harness/result/record/result.js';
import type { RecordedData, TipcRun } from '../../harness/result/record/tipc-run.js';
import { readRun } from '../../harness/run/read-run.js';
import { marker } from '../inputs/stand-in.js';
import { enterFolder, storeRun, verify, verifyChanged } from './stored-run-for-tests.js';

t.setTimeout(300_000);

t.test('what a run says first is held by its plan and its steps', async (t) => {
  const tipcOf = (changes: Partial<TipcRun>) => (result: Result) => ({
    ...result,
    tipc: { ...result.tipc!, ...changes },
  });
  for (const [change, sentence] of [
    [(result: Result) => ({ ...result, runId: 'then' }), /^plan\.json says of runId "now"; result\.json says "then"$/],
    [(result: Result) => ({ ...result, startedAt: '2099-11-22T14:25:30.000Z' }), /^plan\.json says of startedAt /],
    [(result: Result) => ({ ...result, tipcheckVersion: '0.0.1' }), /^plan\.json says of tipcheckVersion /],
    [(result: Result) => ({ ...result, command: ['test', 'whole'] }), /^plan\.json says of command /],
    [(result: Result) => ({ ...result, machine: { ...result.machine, cpu: 'A100' } }), /^plan\.json says of machine /],
    [(result: Result) => ({ ...result, partial: true }), /^plan\.json says of partial false; result\.json says true$/],
    [tipcOf({ commit: 'abc' }), /^plan\.json says of commit null; result\.json says "abc"$/],
    [tipcOf({ ports: ['mine'] }), /^plan\.json says of ports /],
    [
      (result: Result) => ({ ...result, summary: 'All is well.' }),
      /^its summary is "All .*"; of its steps it is "5 of /,
    ],
    [(result: Result) => ({ ...result, durationMs: 1 }), /^it took 1 ms; its steps alone took 20000 ms$/],
  ] as const) {
    enterFolder(t);
    const folder = await storeRun();
    const { result } = await readRun(folder);
    await writeReport(folder, change(result));
    t.match((await verify(folder)).faults, [sentence]);
  }
  enterFolder(t);
  const folder = await storeRun();
  const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
  writeFileSync(join(folder, 'plan.json'), JSON.stringify({ ...plan, startedAt: undefined }));
  t.match((await verify(folder)).faults, [
    'plan.json says of startedAt missing; result.json says "2026-11-22T14:25:30.000Z"',
    /hash/,
  ]);
});

t.test('a file of the package is not taken for one of the user that is away', async (t) => {
  const file = 'configs/tipc/segnext/train_infer_python.txt';
  const { faults, unchecked } = await verifyChanged(t, (tipc) => ({ ...tipc, file }));
  t.match(faults, [/^plan\.json says of file /]);
  t.match(unchecked, [`the text file ${file}, which is not there`]);
});

t.test('data that cannot be listed stand in for others as well, and the run is what it says', async (t) => {
  enterFolder(t);
  writeFileSync(join('data', marker), '{"insteadOf": "Cityscapes"}');
  writeFileSync('own.yml', readFileSync('own.yml', 'utf8').replace('type: Dataset', 'type: ADE'));
  const folder = await storeRun();
  const [train] = (await readRun(folder)).result.tipc!.inputs!.data;
  t.match(train, {
    images: null,
    standsInFor: 'Cityscapes',
    note: /^not listed: .+; stand-in data: .+ not Cityscapes$/,
  });
  t.strictSame((await verify(folder)).faults, []);
});

t.test(
  'a run with smaller pictures is what it says where it was downloaded to, without the yml that it shrank',
  async (t) => {
    enterFolder(t);
    const yml = readFileSync('own.yml', 'utf8');
    writeFileSync(
      'own.yml',
      yml.replace('transforms: []', 'transforms: [{type: RandomPaddingCrop, crop_size: [8, 8]}]'),
    );
    const from = await storeRun({ crop: { width: 4, height: 4 } });
    t.strictSame((await verify(from)).faults, []);
    mkdirSync('a/b/c', { recursive: true });
    renameSync(from, 'a/b/c/x');
    t.strictSame((await verify('a/b/c/x')).faults, []);
  },
);

t.test('a second port whose own name has an @ is planned as it is called', async (t) => {
  enterFolder(t);
  t.strictSame((await verify(await storeRun({ port: 'p@2.mjs', isSecond: true }))).faults, []);
});

t.test('what was fixed before the first step is held by the plan, and by the text file', async (t) => {
  const inputsOf = (tipc: TipcRun) => tipc.inputs!;
  for (const [change, sentence] of [
    [(tipc: TipcRun) => ({ ...tipc, inputs: { ...inputsOf(tipc), data: [] } }), /^plan\.json says of inputs /],
    [(tipc: TipcRun) => ({ ...tipc, inputs: null }), /^plan\.json says of inputs /],
    [
      (tipc: TipcRun) => ({ ...tipc, files: null }),
      /^result\.json lists no hashes of the files that the run left; this version writes them$/,
    ],
    [(tipc: TipcRun) => ({ ...tipc, startFolder: '/elsewhere' }), /^plan\.json says of startFolder "\.\.\/\.\."; /],
    [(tipc: TipcRun) => ({ ...tipc, model: 'toy_l' }), /^plan\.json says of model "toy"/],
  ] as const) {
    const { faults } = await verifyChanged(t, change);
    t.ok(
      faults.some((fault) => sentence.test(fault)),
      faults.join('\n'),
    );
  }
  enterFolder(t);
  const folder = await storeRun();
  const { result } = await readRun(folder);
  for (const file of ['plan.json', 'result.json'])
    writeFileSync(
      join(folder, file),
      readFileSync(join(folder, file), 'utf8').replace(/"model": ?"toy"/, '"model": "toy_l"'),
    );
  await writeReport(folder, { ...result, tipc: { ...result.tipc!, model: 'toy_l' } });
  t.match((await verify(folder)).faults, ['result.json says model toy_l; own.txt says toy', /plan\.json has the hash/]);
});

t.test("a second port's commands are those of the text file, in a folder of their own", async (t) => {
  enterFolder(t);
  t.strictSame((await verify(await storeRun({ port: 'tfjs', isSecond: true }))).faults, []);
});

t.test("data that stand in for others are not made the user's own by hand", async (t) => {
  enterFolder(t);
  writeFileSync(join('data', marker), '{"insteadOf": "Cityscapes"}');
  const folder = await storeRun();
  t.strictSame((await verify(folder)).faults, []);
  for (const file of ['plan.json', 'result.json'])
    writeFileSync(
      join(folder, file),
      readFileSync(join(folder, file), 'utf8')
        .replaceAll('"standsInFor":"Cityscapes"', '"standsInFor":null')
        .replaceAll('"standsInFor": "Cityscapes"', '"standsInFor": null'),
    );
  const { faults } = await verify(folder);
  t.match(
    faults.join('\n'),
    'train_dataset of own.yml: its data stand in for Cityscapes; result.json says that they do not',
  );
});

t.test('what a run says of its data is counted again, by the lists that its text file names', async (t) => {
  const pictures = (change: Partial<RecordedData>, at: number) => async (tipc: TipcRun) => {
    const data = tipc.inputs!.data.map((one, index) => (index === at ? { ...one, ...change } : one));
    return { ...tipc, inputs: { ...tipc.inputs!, data } };
  };
  const faultsOf = async (change: (tipc: TipcRun) => Promise<TipcRun>): Promise<string> => {
    rmSync('reports', { recursive: true, force: true });
    const folder = await storeRun();
    const { faults, unchecked } = await verify(folder);
    t.strictSame([faults, unchecked], [[], []]);
    const { result } = await readRun(folder);
    const tipc = await change(result.tipc!);
    const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
    writeFileSync(join(folder, 'plan.json'), JSON.stringify({ ...plan, inputs: tipc.inputs }));
    await writeReport(folder, { ...result, tipc });
    return (await verify(folder)).faults.filter((fault) => !fault.startsWith('reports/now/plan.json has')).join('\n');
  };
  const trained =
    /^train_dataset of own\.yml: counted again it is Dataset in data by data\/train\.list: 2 pictures, 4 bytes, SHA-256 [0-9a-f]{64}; result\.json says /;
  enterFolder(t);
  for (const change of [{ images: 500 }, { bytes: 5 }, { sha256: 'a'.repeat(64) }, { list: null }, { root: '.' }])
    t.match(await faultsOf(pictures(change, 0)), trained, JSON.stringify(change));
  t.match(await faultsOf(pictures({ images: null, sha256: null, bytes: 0 }, 0)), /by data\/train\.list, not listed$/);
  t.match(
    await faultsOf(pictures({ name: 'data/other.list' }, 2)),
    'by own.txt it read data/infer.list; result.json does not name it\nresult.json says that it read data/other.list; own.txt names no such data',
  );

  enterFolder(t);
  // A picture that is listed twice is two; one that is away when the run starts is none.
  writeFileSync('data/train.list', 'a b\n../data/c d\na gone\n');
  writeFileSync('own.txt', readFileSync('own.txt', 'utf8').replaceAll('data/infer.list', 'pictures'));
  mkdirSync('pictures');
  for (const name of ['a.png', 'b.png']) writeFileSync(join('pictures', name), name);
  t.match(
    await faultsOf(pictures({ images: 1 }, 2)),
    /^pictures: counted again it is pictures in pictures: 2 pictures, /,
  );
  rmSync('reports', { recursive: true });
  const folder = await storeRun();
  writeFileSync('data/gone', 'there now');
  writeFileSync('pictures/c.png', 'later');
  t.strictSame((await verify(folder)).faults, [], 'what came later is not of the run');
  const place = process.cwd();
  process.chdir('/');
  const elsewhere = await verify(join(place, folder));
  t.strictSame([elsewhere.faults, elsewhere.unchecked, process.cwd()], [[], [], '/']);
  process.chdir(place);
  rmSync('pictures/a.png');
  t.match((await verify(folder)).unchecked, [
    /^1 of \d+ files that it read/,
    /^how many pictures it read \(pictures: /,
  ]);
});
