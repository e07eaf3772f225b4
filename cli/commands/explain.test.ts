import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { tipcTextForTests } from '../../tipc/text/text-for-tests.js';
import { commandRunner } from '../run-command-for-tests.js';
import { register } from './explain.js';

const explain = commandRunner(register, 'explain');

async function writeFileOf(t: Test, changes: Record<string, string> = {}): Promise<string> {
  const path = join(t.testdir(), 'toy.txt');
  await writeFile(path, tipcTextForTests(changes));
  return path;
}

t.test("each step shows TIPC's command with its blanks, and ours below", async (t) => {
  const path = await writeFileOf(t, { gpu_list: '0' });
  const said = await explain(t, [path, 'lite-train-lite-infer']);
  const run = './test_tipc/output/toy/lite_train_lite_infer/norm_train_gpus_0_autocast_null';
  t.match(
    said,
    `toy  lite_train_lite_infer  ${path}\nform train_infer: 4 steps; TIPC writes to ./test_tipc/output/toy/lite_train_lite_infer\n`,
  );
  t.match(
    said,
    `
1  train  norm_train, GPU 0, on gpu, batch 2  line 16  CUDA_VISIBLE_DEVICES=0
   TIPC  python3.7 tools/train.py --config y.yml --do_eval --device=gpu  --save_dir=${run} --iters=20     --batch_size=2    \n   ours  npx tipcheck train --do_eval --save_dir=${run} --iters=20 --batch_size=2 --config y.yml --port ort --device gpu --json 'reports/<run-id>/ort/1-train.json'
`,
  );
  t.match(said, '\nnote: ');
});

t.test('rows that TIPC passes over are listed, and a row that we do not run says why', async (t) => {
  const path = await writeFileOf(t, { 'infer.--precision': 'fp32|fp16', 'infer.--use_trt': 'True' });
  const said = await explain(t, [path, 'whole_infer', '--devices', '3', '--port', 'tfjs']);
  t.match(said, 'form train_infer: 4 steps, and 1 row that TIPC passes over');
  t.match(said, 'CUDA_VISIBLE_DEVICES=3');
  t.match(said, '   ours  not run: the row runs in TensorRT, which tipcheck does not use');
  t.match(
    said,
    'Passed over by TIPC, in silence:\n   infer  GPU 0, on cpu, mkldnn True, 6 threads, fp16, batch 1: a model that is not quantised runs on a CPU only in fp32 (line 46)',
  );
  t.match(said, "In TIPC's place: tfjs\n");
});

t.test('--json holds the plan and the replacements', async (t) => {
  const { plan, ports, replacements } = JSON.parse(await explain(t, [await writeFileOf(t), 'whole_infer', '--json']));
  t.strictSame(ports, ['ort', 'tfjs']);
  t.strictSame(
    plan.steps.map(({ kind }: { kind: string }) => kind),
    ['export', 'infer', 'infer'],
  );
  t.strictSame(
    replacements.map(({ number, command }: { number: number; command: string }) => [number, command.split(' ')[2]]),
    [
      [1, 'export'],
      [2, 'infer'],
      [3, 'infer'],
    ],
  );
});

t.test('a form that is not run is explained, and says so at each step', async (t) => {
  const path = join(t.testdir(), 'cpp.txt');
  const settings = [
    'use_gpu 0',
    'gpu_id 0',
    'gpu_mem 4000',
    'threads 10',
    'use_mkldnn 1',
    'use_tensorrt 0',
    'use_fp16 0',
  ];
  await writeFile(path, ['# model load config', 'model_name toy', ...settings].join('\n'));
  const said = await explain(t, [path, 'cpp_infer']);
  t.match(said, `./test_tipc/cpp/build/seg_system ${path} test_tipc/cpp/cityscapes_demo.png > `);
  t.match(said, 'ours  not run: tipcheck explains files of the form cpp and does not run them');
});

t.test('a mode of ours shows the suite that it runs', async (t) => {
  const said = await explain(t, [
    await writeFileOf(t, { model_name: 'segnext', '--device': 'gpu' }),
    'lite_infer',
  ]).catch((error: Error) => error.message);
  t.match(
    said,
    /segnext\/lite-infer is a suite of tipcheck; TIPC has no such mode.*\nports: ort, tfjs, on cpu, gpu, 6 threads\nbundles: .*segnext-t/,
  );
});

t.test('a mode that no one knows, and a file that is not there, are refused', async (t) => {
  const path = await writeFileOf(t);
  await t.rejects(explain(t, [path, 'lite_train_lite_infre']), {
    message: /it is not a mode.* Did you mean lite_train_lite_infer\?$/,
  });
  await t.rejects(explain(t, [`${path}.txt`, 'whole_infer']), { message: /there is no such file/ });
});

t.test('what a file says cannot command a terminal', async (t) => {
  const path = await writeFileOf(t, { 'export.norm_export': 'tools/export.py \u001b[2J\u0007', gpu_list: '0' });
  const said = await explain(t, [path, 'lite_train_lite_infer']);
  for (const control of ['\u001b[2J', '\u0007']) t.notOk(said.includes(control));
  t.match(said, 'tools/export.py \\u001b[2J\\u0007', 'it is shown, and not left out');
});

t.test('paddle2onnx_infer of a file of training is explained by the steps that run', async (t) => {
  const said = await explain(t, [await writeFileOf(t), 'paddle2onnx_infer']);
  t.match(said, 'form train_infer: 2 steps; TIPC writes to ./test_tipc/output/toy/paddle2onnx_infer');
  t.match(said, '   ours  npx tipcheck export ');
  t.match(said, '   ours  npx tipcheck infer ');
  t.match(said, 'note: TIPC has paddle2onnx_infer for files of the form paddle2onnx alone');
});
