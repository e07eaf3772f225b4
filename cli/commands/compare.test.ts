import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { float32NdArray } from '../../harness/contract/nd-array.js';
import { renderNpy } from '../../harness/golden/npy.js';
import { renderNpz } from '../../harness/golden/npz.js';
import { makeCase, makeMeasurement, makeResult } from '../../harness/reporters/result-for-tests.js';
import { writePictures } from '../../pipeline/compare/pictures-for-tests.js';
import { endRunner } from '../run-command-for-tests.js';
import { register } from './compare.js';

const run = endRunner(register, 'compare');
const array = (...values: number[]) => float32NdArray([values.length], Float32Array.from(values));

t.test("TIPC's own arguments hold every folder against the reference of its precision", async (t) => {
  const folder = t.testdir({ results: {} });
  await writePictures(join(folder, 'python_infer_cpu_precision_fp32_results'), { 'a.png': [[0, 1, 1]] });
  await writePictures(join(folder, 'python_infer_gpu_precision_fp16_results'), { 'a.png': [[0, 0, 1]] });
  await writePictures(join(folder, 'gt'), { 'a.png': [[0, 1, 1]] });
  const perfect = '#Images: 1\nmIoU: 1\nAcc: 1\nKappa: 1\nClass IoU: [1. 1.]\nClass Acc: [1. 1.]\n';
  writeFileSync(join(folder, 'results', 'python_x_results_fp32.txt'), perfect);
  writeFileSync(join(folder, 'results', 'python_x_results_fp16.txt'), perfect);
  const args = [`--metric_file=${folder}/results/*.txt`, `--gt_dir=${folder}/gt`, '--num_classes', '2'];
  const passed = await run(t, [...args, `--predict_dir=${folder}/python_infer_cpu_*_results`]);
  t.equal(passed.code, 0);
  t.match(passed.output, /pass {2}all 8 numbers agree/);
  const both = await run(t, [
    ...args,
    `--predict_dir=${folder}/python_infer_*_results`,
    '--json',
    join(folder, 'o.json'),
  ]);
  t.equal(both.code, 1);
  t.match(both.output, /✕ +mIoU +0\.500000 +1 +-5\.0e-1/);
  t.match(both.output, /fail {2}6 of 8 numbers do not agree/);
  const { verdict, folders } = JSON.parse(readFileSync(join(folder, 'o.json'), 'utf8'));
  t.equal(verdict, 'differ');
  t.match(folders, [{ reference: /fp32/ }, { reference: /fp16/ }]);
  t.equal((await run(t, [...args, `--predict_dir=${folder}/python_infer_*_results`, '--atol', '0.7'])).code, 0);
});

t.test('a class that is wrong is found, though the mean is right', async (t) => {
  const folder = t.testdir({ 'r.txt': 'mIoU: 0.41666666666\nClass IoU: [0.33333333 0.5]\n' });
  await writePictures(join(folder, 'p'), { 'a.png': [[0, 0, 1]] });
  await writePictures(join(folder, 'gt'), { 'a.png': [[0, 1, 1]] });
  const args = [
    '--predict_dir',
    `${folder}/p`,
    '--gt_dir',
    `${folder}/gt`,
    '--num_classes',
    '2',
    '--metric_file',
    `${folder}/r.txt`,
  ];
  t.equal((await run(t, args)).code, 1, 'by its classes');
  writeFileSync(join(folder, 'r.txt'), 'mIoU: 0.5\nClass IoU: [0.5 0.5]\n');
  t.equal((await run(t, args)).code, 0);
  writeFileSync(join(folder, 'r.txt'), 'mIoU: 0.5\nClass IoU: [0.4 0.6]\n');
  t.match(await run(t, args), { code: 1, output: /✕ +Class IoU 0 .*\n.*✕ +Class IoU 1/ });
});

t.test('what is measured can be written as a reference, and is held by it', async (t) => {
  const folder = t.testdir({});
  await writePictures(join(folder, 'p'), { 'a.png': [[0, 0, 1]] });
  await writePictures(join(folder, 'gt'), { 'a.png': [[0, 1, 1]] });
  const args = ['--predict_dir', `${folder}/p`, '--gt_dir', `${folder}/gt`, '--num_classes', '2'];
  const { output, code } = await run(t, [...args, '--write_metrics', `${folder}/made.txt`]);
  t.equal(code, 0);
  t.match(output, /1 picture, 2 of 2 classes present\n/);
  const names = readFileSync(`${folder}/made.txt`, 'utf8').match(/^.*(?=:)/gm);
  t.strictSame(names, ['#Images', 'mIoU', 'Acc', 'Kappa', 'Class IoU', 'Class Acc'], 'as TIPC has them');
  t.equal((await run(t, [...args, '--metric_file', `${folder}/made.txt`])).code, 0);
});

t.test('a metric that is not a number is not written as a reference', async (t) => {
  const folder = t.testdir({});
  await writePictures(join(folder, 'p'), { 'a.png': [[0]] });
  const args = ['--predict_dir', `${folder}/p`, '--gt_dir', `${folder}/p`, '--num_classes', '2'];
  await refused(t, [...args, '--write_metrics', `${folder}/made.txt`], /made\.txt: Kappa is not a finite number here/);
  await refused(t, [...args, '--absent', 'nan', '--write_metrics', `${folder}/made.txt`], /Fix: --absent 1$/);
});

t.test('where nothing would be compared, it is an error', async (t) => {
  const folder = t.testdir({
    'a_fp32.txt': 'mIoU: 1\n',
    'b_fp32.txt': 'mIoU: 1\n',
    'empty.txt': '',
    'r.txt': 'mIoU: 1\n',
  });
  await writePictures(join(folder, 'p_fp16'), { 'a.png': [[0]] });
  const args = ['--gt_dir', `${folder}/p_fp16`, '--num_classes', '2', '--predict_dir'];
  await refused(
    t,
    [...args, `${folder}/none_*`],
    /^Cannot compare --predict_dir .*none_\*: it matches nothing; at least one path is wanted$/,
  );
  await refused(
    t,
    [...args, `${folder}/p_fp16`],
    /no --metric_file is given, so that there is nothing to compare .* Fix: --metric_file/,
  );
  await refused(
    t,
    [...args, `${folder}/p_fp16`, '--metric_file', `${folder}/a_*.txt`],
    /its name says fp16, and none of the references \(a_fp32\.txt\) are of fp16/,
  );
  await refused(t, [...args, `${folder}/p_fp16`, '--metric_file', `${folder}/empty.txt`], /it has no line/);
  writeFileSync(join(folder, 'images.txt'), '#Images: 1\n');
  await refused(t, [...args, `${folder}/p_fp16`, '--metric_file', `${folder}/images.txt`], /it has #Images alone/);
  await refused(
    t,
    [...args, `${folder}/p_fp16`, '--ignore_index', '0', '--metric_file', `${folder}/r.txt`],
    /p_fp16: every pixel of its ground truth is ignored; labels with classes are wanted$/,
  );
  await refused(t, ['--predict_dir', 'x'], /--gt_dir is not given/);
  await refused(t, ['--predict_dir', 'x', '--gt_dir', 'y'], /--num_classes is not given/);
  await refused(t, [], /^Cannot compare: nothing is given; two things to compare/);
  await refused(t, [folder], /only .* is given/);
  await refused(t, [folder, join(folder, 'a_fp32.txt')], /a_fp32\.txt is none of them/);
});

t.test('a reference that no folder is held against is said, and a picture that is a link is compared', async (t) => {
  const folder = t.testdir({ 'a_fp32.txt': 'mIoU: 1\n', 'b_fp16.txt': 'mIoU: 0\n' });
  await writePictures(join(folder, 'p_fp32'), { 'a.png': [[0, 1]] });
  const references = ['--metric_file', `${folder}/*.txt`];
  const args = ['--gt_dir', `${folder}/p_fp32`, '--num_classes', '2', '--predict_dir', `${folder}/p_fp32`];
  const { output, code } = await run(t, [...args, ...references]);
  t.equal(code, 0);
  t.match(output, /^note: nothing was compared with .*b_fp16\.txt: no folder is of its precision$/m);
  await writePictures(join(folder, 'other'), { 'b.png': [[1, 1]] });
  symlinkSync(join(folder, 'other', 'b.png'), join(folder, 'p_fp32', 'b.png'));
  t.match((await run(t, [...args, ...references])).output, /p_fp32: 2 pictures/);
});

t.test('two references of one precision are refused, not overwritten', async (t) => {
  const folder = t.testdir({ 'a_fp32.txt': 'mIoU: 1\n', 'b_fp32.txt': 'mIoU: 0\n' });
  await writePictures(join(folder, 'p_fp32'), { 'a.png': [[0]] });
  const args = ['--gt_dir', `${folder}/p_fp32`, '--num_classes', '2', '--predict_dir', `${folder}/p_fp32`];
  await refused(
    t,
    [...args, '--metric_file', `${folder}/*.txt`],
    /its name says fp32, and 2 of the references \(a_fp32\.txt, b_fp32\.txt\) are of fp32; one is wanted/,
  );
});

t.test('two folders of pictures: no pixel may differ, but for a share that is asked for', async (t) => {
  const folder = t.testdir({});
  const a = await writePictures(join(folder, 'a'), { 'x.png': [[0, 1, 2, 2]] });
  const b = await writePictures(join(folder, 'b'), { 'x.png': [[0, 2, 2, 2]] });
  t.match(await run(t, [a, a]), { code: 0, output: 'pass  0 of 4 pixels of 1 picture differ (0.00 %); none may\n' });
  const { code, output } = await run(t, [a, b]);
  t.equal(code, 1);
  t.match(output, /^class +only in the second +only in the first +in both\n +1 +0 +1 +0\n +2 +1 +0 +2\n/);
  t.match(output, /fail {2}1 of 4 pixels of 1 picture differ \(25\.0 %\); none may\n$/);
  t.equal((await run(t, [a, b, '--max_changed', '0.25'])).code, 0);
});

t.test('arrays: the tolerances, what is missing, other shapes, and nothing', async (t) => {
  const folder = t.testdir({});
  const write = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);
  write('a.npy', renderNpy(array(1, 2)));
  write('b.npy', renderNpy(array(1, 2.1)));
  write('c.npy', renderNpy(array(1)));
  write('none.npy', renderNpy(array()));
  write(
    'a.npz',
    renderNpz(
      new Map([
        ['x', array(1)],
        ['y', array(2)],
      ]),
    ),
  );
  write('b.npz', renderNpz(new Map([['x', array(1)]])));
  const of = (a: string, b: string, ...more: string[]) => run(t, [join(folder, a), join(folder, b), ...more]);
  t.match(await of('a.npy', 'a.npy'), {
    code: 0,
    output: 'pass  1 of 1 arrays agree, 2 elements compared (atol 0.001, rtol 0.001)\n',
  });
  t.match(await of('a.npy', 'b.npy'), { code: 1, output: /1 of 2 +0\.100 +\[1\] is 2; 2\.0999999\d* is wanted/ });
  t.equal((await of('a.npy', 'b.npy', '--rtol', '0.1')).code, 0);
  t.match(await of('a.npy', 'c.npy'), { code: 1, output: /its shape is \[2\]; \[1\] is wanted/ });
  t.match(await of('a.npz', 'b.npz'), { code: 1, output: /y +– +– +the second file lacks it/ });
  t.match(await of('b.npz', 'a.npz'), { code: 1, output: /the first file lacks it/ });
  await refused(
    t,
    [join(folder, 'none.npy'), join(folder, 'none.npy')],
    /their arrays are empty; at least one element is wanted/,
  );
  await refused(
    t,
    [join(folder, 'a.npy'), folder],
    /is an array and .* a folder of pictures; two of a kind are wanted/,
  );
});

t.test('two runs, and a run with its baseline', async (t) => {
  const folder = t.testdir({});
  const store = (name: string, noiseRatio: number, cpu = 'A processor') => {
    mkdirSync(join(folder, name));
    const result = makeResult([makeCase({ measurements: [makeMeasurement('norm', { noiseRatio })] })]);
    writeFileSync(
      join(folder, name, 'result.json'),
      JSON.stringify({ ...result, machine: { ...result.machine, cpu } }),
    );
    return join(folder, name);
  };
  const [old, now, elsewhere] = [store('old', 1.1), store('now', 2.9), store('elsewhere', 1.1, 'Another')];
  t.match(await run(t, [old, old]), { code: 0, output: /pass {2}6 figures of 1 case agree\n$/ });
  t.match(await run(t, [now, old]), {
    code: 1,
    output: /✕ ort\/segnext-t: norm, accumulated is 2\.9 ×; 1\.1 × in the other\nfail {2}1 of 6 figures/,
  });
  t.match(await run(t, [elsewhere, old]), { code: 0, output: /note: they ran on other CPUs/ });
  t.match(await run(t, [now, '--baseline', old]), {
    code: 1,
    output:
      /^✕ ort\/segnext-t: norm, accumulated: 2\.9 × the noise; it was 1\.1 ×, and at most 2\.2 × is wanted\n6 figures compared/,
  });
  t.equal((await run(t, [now, '--baseline', old, '--factor', '3'])).code, 0);
  t.equal((await run(t, [old, '--baseline', now])).code, 0, 'better is not a fault');
  t.match(await run(t, [elsewhere, '--baseline', old]), {
    code: 3,
    output: /\? ort\/segnext-t: the CPU is another: .*\n.*inconclusive.*\nnot run\n$/,
  });
  writeFileSync(join(now, 'result.json'), JSON.stringify({ ...makeResult([makeCase()]), verdict: 'fail' }));
  await refused(
    t,
    [old, '--baseline', now],
    /^Cannot compare with .*: the verdict is fail; of its cases it is pass; .* Fix: npx tipcheck verify /,
  );
  await refused(
    t,
    [old, '--baseline', join(folder, 'nowhere')],
    /^Cannot read the run .*nowhere: there is no such run/,
  );
});

async function refused(t: Test, argv: readonly string[], message: RegExp) {
  await t.rejects(run(t, argv), { name: 'UserError', message });
}
