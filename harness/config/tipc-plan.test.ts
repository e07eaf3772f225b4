import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../support/package-root.js';
import { planTipc, type TipcPlan } from './tipc-plan.js';
import { parseTipcText, readTipcFile } from './tipc-text.js';
import { tipcTextForTests } from './tipc-text-for-tests.js';

const plan = (changes: Record<string, string>, mode: string): TipcPlan =>
  planTipc(parseTipcText(tipcTextForTests(changes), 'f.txt'), mode);
const commands = ({ steps }: TipcPlan): string[] => steps.map(({ command }) => command.replace(/ +/g, ' ').trim());
const log = './test_tipc/output/toy/lite_train_lite_infer';

t.test('a row is train, eval, export, and inference on each device', async (t) => {
  const found = plan({ eval: 'tools/val.py --config y.yml' }, 'lite_train_lite_infer');
  const run = `${log}/norm_train_gpus_0_autocast_null`;
  t.strictSame(commands(found).slice(0, 5), [
    `python3.7 tools/train.py --config y.yml --do_eval --device=gpu --save_dir=${run} --iters=20 --batch_size=2`,
    `python3.7 tools/val.py --config y.yml --model_path=${run}/best_model/model.pdparams --device=gpu`,
    `python3.7 tools/export.py --config y.yml --model_path=${run}/best_model/model.pdparams --save_dir=${run}`,
    `python3.7 deploy/python/infer.py --device=cpu --enable_mkldnn=True --cpu_threads=6 --config=${run}//deploy.yaml --batch_size=1 --image_path=five.list --benchmark=True --precision=fp32 --save_dir=${log}/python_infer_cpu_usemkldnn_True_threads_6_precision_fp32_batchsize_1_results --model_name=toy > ${log}/python_infer_cpu_gpu_0_usemkldnn_True_threads_6_precision_fp32_batchsize_1.log 2>&1`,
    `python3.7 deploy/python/infer.py --device=gpu --use_trt=False --precision=fp32 --config=${run}//deploy.yaml --batch_size=1 --image_path=five.list --benchmark=True --model_name=toy > ${log}/python_infer_gpu_gpu_0_usetrt_False_precision_fp32_batchsize_1.log 2>&1`,
  ]);
  t.equal(found.steps.length, 10, 'and the same for two devices');
  t.strictSame(
    found.steps.map(({ dependsOn }) => dependsOn),
    [[], [1], [1], [3], [3], [], [6], [6], [8], [8]],
  );
});

t.test('a status line keeps the blanks of omitted arguments', async (t) => {
  const [train] = plan({}, 'lite_train_lite_infer').steps;
  const run = `${log}/norm_train_gpus_0_autocast_null`;
  t.equal(
    train!.command,
    `python3.7 tools/train.py --config y.yml --do_eval --device=gpu  --save_dir=${run} --iters=20     --batch_size=2    `,
  );
  t.strictSame(train!.status, {
    file: `${log}/results_python.log`,
    model: 'toy',
    command: train!.command,
    log: `${log}/norm_train_gpus_0_autocast_null_nodes_1.log`,
  });
});

t.test("the commands of PaddleSeg's SegNeXt file are those that its scripts run", async (t) => {
  const path = join(packageRoot, '..', 'shared', 'paddleseg/test_tipc/configs/segnext/train_infer_python.txt');
  if (!existsSync(path)) return void t.comment(`not run: ${path} is absent`);
  const file = await readTipcFile(path);
  const config = 'test_tipc/configs/segnext/segnext_mscan_t_cityscapes_1024x1024_160k.yml';
  const output = './test_tipc/output/segnext/lite_train_lite_infer';
  const images = 'test_tipc/data/cityscapes/cityscapes_val_5.list';
  const rows = [
    { gpu: '0', launcher: '', device: '--device=gpu ' },
    { gpu: '0,1', launcher: '-m paddle.distributed.launch --devices=0,1 ', device: '' },
  ];
  const lite = planTipc(file, 'lite_train_lite_infer');
  t.strictSame(
    commands(lite),
    rows.flatMap(({ gpu, launcher, device }) => {
      const run = `${output}/norm_gpus_${gpu}_autocast_null`;
      const name = 'usemkldnn_True_threads_6_precision_fp32_batchsize_1';
      return [
        `python3.7 ${launcher}tools/train.py --config ${config} --do_eval --save_interval 500 --seed 100 ${device}--save_dir=${run} --iters=20 --batch_size=2`,
        `python3.7 tools/export.py --config ${config} --input_shape 1 3 1024 2048 --model_path=${run}/best_model/model.pdparams --save_dir=${run}`,
        `python3.7 deploy/python/infer.py --device=cpu --enable_mkldnn=True --cpu_threads=6 --config=${run}//deploy.yaml --batch_size=1 --image_path=${images} --benchmark=True --precision=fp32 --model_name=${output}/python_infer_cpu_${name}_results > ${output}/python_infer_cpu_gpu_${gpu}_${name}.log 2>&1`,
        `python3.7 deploy/python/infer.py --device=gpu --use_trt=False --precision=fp32 --config=${run}//deploy.yaml --batch_size=1 --image_path=${images} --benchmark=True > ${output}/python_infer_gpu_gpu_${gpu}_usetrt_False_precision_fp32_batchsize_1.log 2>&1`,
      ];
    }),
  );
  t.strictSame(
    lite.steps.map(({ visibleDevices }) => visibleDevices),
    ['0', '0', '0', '0', null, null, '0', '0'],
  );
  t.strictSame(
    planTipc(file, 'whole_infer').steps.map(({ kind, row }) => `${kind} ${row.device}`),
    ['export null', 'infer cpu', 'infer gpu'],
  );
});

t.test("PaddleSeg's own files are planned in every mode of theirs, each in less than 50 ms", async (t) => {
  const folder = join(packageRoot, '..', 'shared', 'paddleseg', 'test_tipc', 'configs');
  if (!existsSync(folder)) return void t.comment(`not run: ${folder} is absent`);
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.txt'));
  t.ok(paths.length >= 4, `${paths.length} files`);
  for (const path of paths) {
    const text = await readFile(join(folder, path), 'utf8');
    const modes = ['lite_train_lite_infer', 'lite_train_whole_infer', 'whole_train_whole_infer', 'whole_infer'];
    if (/^=+train_benchmark_params=+/m.test(text)) modes.push('benchmark_train');
    for (const mode of modes) {
      const startedAt = performance.now();
      const { steps } = planTipc(parseTipcText(text, path), mode);
      const durationMs = performance.now() - startedAt;
      t.ok(steps.length >= 3, `${path} ${mode}: ${steps.length} steps`);
      t.ok(durationMs < 50, `${path} ${mode}: ${durationMs.toFixed(1)} ms`);
    }
  }
});

t.test('a file of all sections is parsed and planned in less than 50 ms', async (t) => {
  const text = tipcTextForTests({
    gpu_list: '0|0,1|0,1,2',
    'infer.--batch_size': '1|2|4|8',
    'infer.--cpu_threads': '1|2|4|8',
  });
  const startedAt = performance.now();
  const { steps } = planTipc(parseTipcText(text, 'f.txt'), 'lite_train_lite_infer');
  const durationMs = performance.now() - startedAt;
  t.equal(steps.length, 3 * (2 + 16 + 4));
  t.ok(durationMs < 50, `${durationMs.toFixed(1)} ms`);
});
