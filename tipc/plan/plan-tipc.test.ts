import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { tipcTextForTests } from '../text/text-for-tests.js';
import type { TipcPlan } from './plan.js';
import { planTipc } from './plan-tipc.js';
import { parseTipcText, readTipcFile } from './read-tipc-file.js';

const plan = (changes: Record<string, string>, mode: string): TipcPlan =>
  planTipc(parseTipcText(tipcTextForTests(changes), 'f.txt'), mode);
const commands = ({ steps }: TipcPlan): string[] => steps.map(({ command }) => command.replace(/ +/g, ' ').trim());
const log = './test_tipc/output/toy/lite_train_lite_infer';

/** Of five times, for on a machine that does other things one time may wait for its turn. */
function leastMs(run: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    const startedAt = performance.now();
    run();
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}

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
  if (!existsSync(path)) return void t.comment('not run: ../shared/paddleseg is not there');
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
  if (!existsSync(folder)) return void t.comment('not run: ../shared/paddleseg is not there');
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.txt'));
  t.ok(paths.length >= 4, `${paths.length} files`);
  for (const path of paths) {
    const text = await readFile(join(folder, path), 'utf8');
    const modes = ['lite_train_lite_infer', 'lite_train_whole_infer', 'whole_train_whole_infer', 'whole_infer'];
    if (/^=+train_benchmark_params=+/m.test(text)) modes.push('benchmark_train');
    for (const mode of modes) {
      const { steps } = planTipc(parseTipcText(text, path), mode);
      const durationMs = leastMs(() => planTipc(parseTipcText(text, path), mode));
      t.ok(steps.length >= 3, `${path} ${mode}: ${steps.length} steps`);
      t.ok(durationMs < 50, `${path} ${mode}: ${durationMs.toFixed(1)} ms`);
    }
  }
});

t.test("the file of TIPC's modes of every model is planned in the same modes, with the same steps", async (t) => {
  const modes = ['lite_train_lite_infer', 'lite_train_whole_infer', 'whole_train_whole_infer', 'whole_infer'];
  const read = (model: string) => readTipcFile(join(packageRoot, `configs/tipc/${model}/train_infer_python.txt`));
  const files = [await read('segnext'), await read('lpsnet')];
  for (const mode of [...modes, 'benchmark_train']) {
    const [segnext, lpsnet] = files.map((file) => planTipc(file, mode).steps);
    const shape = (steps: TipcPlan['steps'] = []) => steps.map(({ kind, dependsOn }) => [kind, dependsOn]);
    t.ok(segnext!.length > 1, mode);
    t.strictSame(shape(lpsnet), shape(segnext), mode);
  }
});

t.test('a file of all sections is parsed and planned in less than 50 ms', async (t) => {
  const text = tipcTextForTests({
    gpu_list: '0|0,1|0,1,2',
    'infer.--batch_size': '1|2|4|8',
    'infer.--cpu_threads': '1|2|4|8',
  });
  const { steps } = planTipc(parseTipcText(text, 'f.txt'), 'lite_train_lite_infer');
  const durationMs = leastMs(() => planTipc(parseTipcText(text, 'f.txt'), 'lite_train_lite_infer'));
  t.equal(steps.length, 3 * (2 + 16 + 4));
  t.ok(durationMs < 50, `${durationMs.toFixed(1)} ms`);
});

t.test(
  "a row whose trainer does not evaluate leaves the last iteration's checkpoint, and TIPC goes on with it",
  async (t) => {
    const found = plan(
      { trainer: 'norm_train|pact_train', norm_train: 'tools/train.py', pact_train: 'qat.py --do_eval', gpu_list: '0' },
      'lite_train_lite_infer',
    );
    const [norm, pact] = found.steps.filter(({ kind }) => kind === 'train');
    t.strictSame(norm?.checkpoint, {
      expected: 'iter_20/model.pdparams',
      otherwise: 'iter_20/model.pdparams',
      named: 'iter_20/model.pdparams',
    });
    t.strictSame(pact?.checkpoint, {
      expected: 'best_model/model.pdparams',
      otherwise: 'iter_20/model.pdparams',
      named: 'iter_20/model.pdparams',
    });
    t.match(pact?.command, `--model_path=${log}/norm_train_gpus_0_autocast_null/iter_20/model.pdparams`);
    t.strictSame(pact?.dependsOn, [1], 'pact begins with the normal weights');
    t.ok(
      found.notes.includes(
        `f.txt:15: TIPC goes on with iter_20/model.pdparams of an earlier trainer, where pact_train makes best_model/model.pdparams in ${log}/pact_train_gpus_0_autocast_null`,
      ),
    );
  },
);

t.test('what the filters leave out is listed with the reason', async (t) => {
  const matrix = {
    gpu_list: '0',
    'infer.--enable_mkldnn': 'True|False',
    'infer.--use_trt': 'True|False',
    'infer.--precision': 'fp32|fp16|int8',
  };
  const rows = (found: TipcPlan) =>
    found.filtered.map(({ row, reason }) => `${row.device} ${row.mkldnn ?? row.tensorRt} ${row.precision}: ${reason}`);
  const plain = plan({ ...matrix, infer_quant: 'False' }, 'whole_infer');
  t.strictSame(rows(plain), [
    'cpu True fp16: a model that is not quantised runs on a CPU only in fp32',
    'cpu True int8: a model that is not quantised runs on a CPU only in fp32',
    'cpu False fp16: fp16 runs on a CPU only with mkldnn',
    'cpu False int8: a model that is not quantised runs on a CPU only in fp32',
    'gpu True int8: int8 is for quantised models',
    'gpu False fp16: fp16 runs on a GPU only with TensorRT',
    'gpu False int8: int8 is for quantised models',
  ]);
  t.equal(plain.steps.length, 1 + 2 + 3);
  const quantised = plan({ ...matrix, infer_quant: 'True' }, 'whole_infer');
  t.strictSame(rows(quantised).slice(-4), [
    "gpu True int8: TIPC's filter leaves out int8 of quantised models on a GPU",
    'gpu False fp32: a quantised model runs on a GPU only with TensorRT',
    'gpu False fp16: fp16 runs on a GPU only with TensorRT',
    'gpu False int8: int8 runs on a GPU only with TensorRT',
  ]);
  t.equal(quantised.steps.length, 1 + 1 + 2);
});

t.test('several machines, two-digit devices and no device are launched as the script does', async (t) => {
  const launch = (gpu: string) => {
    const found = plan({ gpu_list: gpu, 'infer.--device': 'gpu' }, 'lite_train_lite_infer');
    const [train, , infer] = found.steps;
    const [program] = train!.command.split(' tools/');
    return [
      program,
      train!.row.ranks,
      train!.row.nodes,
      train!.visibleDevices,
      infer!.visibleDevices,
      train!.runFolder,
    ];
  };
  const run = `${log}/norm_train_gpus`;
  t.strictSame(launch('-1'), ['python3.7', 1, 1, null, null, `${run}_-1_autocast_null`]);
  t.strictSame(launch('10'), ['python3.7', 1, 1, null, '10', `${run}_10_autocast_null`]);
  t.strictSame(launch('2,3'), [
    'python3.7 -m paddle.distributed.launch --devices=2,3',
    2,
    1,
    null,
    '2',
    `${run}_2,3_autocast_null`,
  ]);
  t.strictSame(launch('192.168.0.1,192.168.0.2;0,1'), [
    'python3.7 -m paddle.distributed.launch --ips=192.168.0.1,192.168.0.2 --devices=0,1',
    4,
    2,
    null,
    null,
    `${run}_0,1_autocast_null_nodes_2`,
  ]);
});

t.test('a static trainer adds to the normal command, and a custom one has its own export', async (t) => {
  const text = `${tipcTextForTests({
    trainer: 'to_static_train|my_train',
    gpu_list: '0',
    'infer.--device': 'cpu',
    export1: 'my_export.py',
  }).replace(
    'distill_train:null\nnull:null',
    'distill_train:null\nmy_train:my.py',
  )}====to_static_train_benchmark_params====
to_static_train:--opts to_static_training=True
`;
  const found = commands(planTipc(parseTipcText(text, 'f.txt'), 'lite_train_lite_infer'));
  t.match(found[0], 'tools/train.py --config y.yml --do_eval --opts to_static_training=True --device=gpu');
  t.match(found[3], 'python3.7 my.py --device=gpu');
  t.match(found[4], 'python3.7 my_export.py --model_path=');
});

t.test(
  'benchmark_train trains each batch size and precision on one card, with the profiler before, and on eight',
  async (t) => {
    const text = `${tipcTextForTests({ trainer: 'norm' })}=====train_benchmark_params=====
batch_size:2|4
fp_items:fp32|fp16
epoch:300
--profiler_options:'batch_range=[10,20];state=GPU'
flags:A=1
log_iters:5;skip_iters:3;repeats:500
`;
    const found = planTipc(parseTipcText(text, 'f.txt'), 'benchmark-train', { workingFolder: '/home/PaddleSeg' });
    t.equal(found.steps.length, 2 * 2 * (2 + 2 + 2));
    const run = './test_tipc/output/toy/benchmark_train/norm_gpus_0_autocast_fp32';
    const [profiled, clean, filter, analysis, eight] = commands(found);
    t.equal(
      profiled,
      `python tools/train.py --config y.yml --do_eval --device=gpu --save_dir=${run} --iters=300 --precision=fp32 --batch_size=2 "--profiler_options='batch_range=[10,20];state=GPU'" --log_iters 5 --repeats 500`,
    );
    t.equal(clean, profiled?.replace(/"--profiler.*" /, ''));
    t.match(filter, "--in_log_path '/home/PaddleSeg/train_log/PaddleSeg_toy_bs2_fp32_DP_N1C1_log'");
    t.match(
      analysis,
      '/scripts/analysis.py --filename /home/PaddleSeg/train_log/PaddleSeg_toy_bs2_fp32_DP_N1C1_log_filtered',
    );
    t.strictSame(
      [3, 5].map((index) => [found.steps[index]?.status?.model, found.steps[index]?.status?.file]),
      [
        ['', '/home/PaddleSeg/benchmark_log/results.log'],
        ['toy', '/home/PaddleSeg/benchmark_log/results.log'],
      ],
      'on one card the line names no model',
    );
    t.strictSame(found.bannerBefore.slice(0, 3), [1, 2, 5]);
    t.match(eight, 'python -m paddle.distributed.launch --devices=0,1,2,3,4,5,6,7 tools/train.py');
    t.match(commands(found)[6], ' --amp_level=O2 --log_iters 5 --repeats 500', 'half precision');
    t.strictSame(
      found.notes.filter((note) => note.includes('exports')),
      ['TIPC exports A=1 before it trains'],
    );
  },
);

t.test('what a plan holds and TIPC takes in silence is noted', async (t) => {
  const notes = (changes: Record<string, string>, mode: string) => plan(changes, mode).notes;
  t.strictSame(notes({ gpu_list: '0', 'infer.--device': 'cpu' }, 'whole_train_whole_infer'), []);
  const [train, ...others] = plan({ gpu_list: '0' }, 'lite_train_whole_infer').steps;
  t.strictSame(
    train!.unasked.map(({ text }) => text),
    [
      "f.txt:7: --iters has no value for lite_train_whole_infer; the yml's applies",
      "f.txt:9: --batch_size has no value for lite_train_whole_infer; the yml's applies",
    ],
  );
  t.strictSame(
    others.flatMap(({ unasked }) => unasked),
    [],
  );
  const fixed = { norm_train: 'tools/train.py --config y.yml --do_eval --iters 9' };
  t.match(plan(fixed, 'lite_train_whole_infer').steps[0]!.unasked, [{ key: 'batchSize' }], 'the command says it');
  const both = 'lite_train_lite_infer=20|lite_train_whole_infer=20';
  t.strictSame(
    notes(
      { gpu_list: '0', 'infer.--device': 'cpu', '--iters': both, 'train.--batch_size': both },
      'lite_train_whole_infer',
    ),
    [
      'f.txt:7: lite_train_whole_infer has the iterations, batch size and pictures of lite_train_lite_infer; it runs the same',
    ],
  );
  const results = `${log}/python_infer_cpu_usemkldnn_True_threads_6_precision_fp32_batchsize_1_results`;
  t.strictSame(notes({}, 'lite_train_lite_infer'), [
    `f.txt: steps 3, 7 write over one another's folder of results ${results}`,
    'f.txt:40: TIPC tells steps 4, 8 no folder for its results; they go to ./output',
  ]);
  t.match(
    notes({ gpu_list: '0,1,2,3,4,5,6,7,8' }, 'lite_train_lite_infer')[0],
    'takes 0,1,2,3,4,5,6,7,8 for the addresses of machines',
  );
});

t.test(
  'TIPC falls back to the last checkpoint where its trainer does not make the one that line 11 names',
  async (t) => {
    const expected = (named: string, norm: string) =>
      plan(
        { train_model_name: named, norm_train: norm, gpu_list: '0', '--iters': 'lite_train_lite_infer=20' },
        'lite_train_lite_infer',
      ).steps[1]!.request.words.find((word) => word.startsWith('--model_path='));
    const train = 'tools/train.py --config y.yml';
    const run = `--model_path=${log}/norm_train_gpus_0_autocast_null`;
    const cases: readonly (readonly [string, string, string])[] = [
      ['iter_3/model.pdparams', train, 'iter_20'],
      ['iter_20/model.pdparams', train, 'iter_20'],
      ['iter_30/model.pdparams', train, 'iter_20'],
      ['iter_10/model.pdparams', `${train} --save_interval 10`, 'iter_10'],
      ['iter_10/model.pdparams', `${train} --save_interval=5 --keep_checkpoint_max 3`, 'iter_10'],
      ['iter_10/model.pdparams', `${train} --save_interval 5 --keep_checkpoint_max 2`, 'iter_20'],
      ['iter_2/model.pdparams', `${train} --save_interval 2 --keep_checkpoint_max 0`, 'iter_2'],
      ['iter_3/model.pdparams', 'own/train.py', 'iter_3'],
    ];
    for (const [named, norm, folder] of cases)
      t.equal(expected(named, norm), `${run}/${folder}/model.pdparams`, `${named} by ${norm}`);
  },
);
