import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { parseTrainInfer } from '../forms/train-infer.js';
import { parseTipcLines } from '../text/lines.js';
import { parseTrainBenchmark } from '../text/sections.js';
import type { TrainInferFile } from '../text/train-infer-file.js';
import { forms } from './read-forms.js';
import { parseTipcText as parseAnyText, readTipcFile } from './read-tipc-file.js';

const readTrainInfer = (path: string) => parseTipcText(readFileSync(path, 'utf8'), path);

/** What the form train_infer reads, where the file is taken for one. */
const parseTipcText = (text: string, path: string): TrainInferFile => {
  parseAnyText(text, path);
  return parseTrainInfer(parseTipcLines(text), path);
};
const ownPath = join(packageRoot, 'configs', 'tipc', 'segnext', 'train_infer_js.txt');
const own = readFileSync(ownPath, 'utf8');

t.test('our own SegNeXt file says what it says', async (t) => {
  const found = await readTipcFile(ownPath);
  t.equal(found.form, 'train_infer');
  const file = parseTipcText(own, ownPath);
  t.equal(file.modelName, 'segnext');
  t.equal(file.python, 'node');
  t.strictSame(file.gpuList, { key: 'gpu_list', values: ['-1'], line: 4 });
  t.strictSame(file.train.device, { key: '--device', values: ['auto'], line: 5 });
  t.strictSame(file.train.autocast, { key: '--precision', values: ['null'], line: 6 });
  t.strictSame(
    [...file.train.iters.values],
    [
      ['lite_train_lite_infer', '20'],
      ['lite_train_whole_infer', '20'],
      ['whole_train_whole_infer', '1000'],
    ],
  );
  t.strictSame(file.train.pretrained, { key: '--model_path', value: 'null', line: 10 });
  t.strictSame(file.train.free, { key: 'null', value: 'null', line: 13 });
  t.strictSame(file.trainers.values, ['norm_train']);
  t.strictSame(file.commands.normal, { key: 'norm_train', value: 'null', line: 16 });
  t.equal(file.evaluation.command.value, 'null');
  t.equal(
    file.exports.normal.value,
    'tipcheck export --config configs/segnext/segnext_mscan_t_cityscapes_1024x1024_160k.yml',
  );
  t.equal(file.infer.command.value, 'tipcheck judge');
  t.strictSame(file.infer.device, { key: '--device', values: ['auto'], line: 41 });
  t.strictSame(file.infer.threads, { key: '--cpu_threads', values: ['null'], line: 43 });
  t.strictSame(file.infer.free[1], { key: '--model_name', value: 'segnext', line: 52 });
  t.strictSame(file.ports, ['ort', 'tfjs']);
  t.strictSame(file.notes, []);
});

t.test('CRLF, empty lines and a missing last newline change nothing', async (t) => {
  const expected = parseTipcText(own, 'f.txt');
  t.strictSame(parseTipcText(own.replaceAll('\n', '\r\n'), 'f.txt'), expected);
  const spread = parseTipcText(own.replaceAll('\n', '\n\n').trimEnd(), 'f.txt');
  t.equal(spread.infer.command.line, 79);
  t.strictSame(withoutLines(spread), withoutLines(expected));
});

function withoutLines(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, found) => (key === 'line' ? undefined : found)));
}

t.test('positions count lines that are not empty, messages count all', async (t) => {
  const text = own.replace('model_name:segnext', '\n\nmodel_name:');
  t.throws(() => parseTipcText(text, 'f.txt'), {
    message: 'Cannot read f.txt:4: model_name has no value; one is wanted',
  });
});

t.test('spaces in a value stay, and one space is not a value', async (t) => {
  const file = parseTipcText(
    own.replace('--model_name:segnext', '--model_name: segnext').replace('--report:', '--report: '),
    'f.txt',
  );
  t.equal(file.infer.free[1].value, ' segnext');
  t.equal(file.infer.free[0].value, ' ');
});

t.test('a line of one space has a position', async (t) => {
  t.throws(() => parseTipcText(own.replace('python:node', ' \npython:node'), 'f.txt'), {
    message: 'Cannot read f.txt:3: position 3 holds " "; python: is wanted, for lines count by position',
  });
});

t.test('a file may end after position 51', async (t) => {
  const file = parseTipcText(own.split('\n').slice(0, 51).join('\n'), 'f.txt');
  t.strictSame(file.infer.free[1], { key: '', value: '', line: 0 });
  t.equal(file.ports, null);
});

t.test('lists, devices and parallel models are read', async (t) => {
  const file = parseTipcText(
    own
      .replace('gpu_list:-1', 'gpu_list:0|0,1|10.0.0.1,10.0.0.2;0,1')
      .replace('--device:auto\n--enable_mkldnn:null', '--device:cpu|gpu\n--enable_mkldnn:True|False')
      .replace(
        'infer_model:null\ninfer_export:null\ninfer_quant:False',
        'infer_model:a|b\ninfer_export:null|tool b\ninfer_quant:False|True',
      ),
    'f.txt',
  );
  t.strictSame(file.gpuList.values, ['0', '0,1', '10.0.0.1,10.0.0.2;0,1']);
  t.strictSame(file.infer.device.values, ['cpu', 'gpu']);
  t.strictSame(file.infer.mkldnn.values, ['True', 'False']);
  t.strictSame(file.infer.models.values, ['a', 'b']);
  t.strictSame(file.infer.modelExports.values, ['null', 'tool b']);
  t.strictSame(file.infer.modelQuantised.values, ['False', 'True']);
});

t.test('optional sections are found by title, in any order, and a disabled one is off', async (t) => {
  const sections = [
    '===infer_benchmark_params===',
    'random_infer_input:[{float32,[3,192,192]}]',
    '===to_static_train_benchmark_params===',
    'to_static_train:--opts to_static_training=True',
    '===train_benchmark_params===',
    'batch_size:2|4',
    'fp_items:fp32|fp16',
    'epoch:300',
    "--profiler_options:'batch_range=[10,20];state=GPU'  ",
    'flags:A=1;B=2',
    'log_iters:5;repeats:500',
  ];
  const file = parseTipcText(`${own}${sections.join('\n')}\n`, 'f.txt');
  t.equal(file.randomInferInput, '[{float32,[3,192,192]}]');
  t.strictSame(file.toStatic, { trainer: 'to_static_train', extra: '--opts to_static_training=True' });
  t.strictSame(parseTrainBenchmark(file.trainBenchmark!, 'f.txt'), {
    batchSizes: [2, 4],
    precisions: ['fp32', 'fp16'],
    iters: 300,
    profiler: { key: '--profiler_options', value: "'batch_range=[10,20];state=GPU'  ", line: 63 },
    flags: ['A=1', 'B=2'],
  });
  t.strictSame(
    [...file.extra],
    [
      ['log_iters', '5'],
      ['repeats', '500'],
    ],
  );
  const off = sections.join('\n').replace('===train_', '===disable_train_');
  t.equal(parseTipcText(`${own}${off}\n`, 'f.txt').trainBenchmark, null);
  const longer = sections.join('\n').replace('===train_benchmark_params===', '===train_benchmark_params_off===');
  t.equal(parseTipcText(`${own}${longer}\n`, 'f.txt').trainBenchmark, null);
});

t.test('a trainer of no known name is noted, for TIPC runs the normal one in its place', async (t) => {
  for (const name of ['norm', 'amp_train', 'my'])
    t.strictSame(parseTipcText(own.replace('trainer:norm_train', `trainer:${name}`), 'f.txt').notes, [
      `f.txt:15: no trainer is named ${name}; TIPC runs norm_train for it`,
    ]);
});

t.test('a trainer that is nearly the name of another is refused, for TIPC would run the normal one', async (t) => {
  const near = { norm_trian: 'norm_train', pact_trainer: 'pact_train', pact: 'pact_train', qat_train: 'pact_train' };
  for (const [name, meant] of Object.entries(near))
    t.throws(() => parseTipcText(own.replace('trainer:norm_train', `trainer:norm_train|${name}`), 'f.txt'), {
      message: `Cannot read f.txt:15: no trainer is named ${name}, for which TIPC would run norm_train; one of norm_train, pact_train, fpgm_train, distill_train is wanted. Did you mean ${meant}?`,
    });
});

const titles = [...new Set(forms.map(({ title }) => title))];

const refused: Record<string, [from: string, to: string, message: string]> = {
  'a line too few is refused where the frame slips': [
    '\nnull:null\n##',
    '\n##',
    'Cannot read f.txt:14: position 14 holds "trainer:norm_train"; ## is wanted, for lines count by position',
  ],
  'a line too many is refused where the frame slips': [
    'python:node',
    'python:node\npython:node',
    'Cannot read f.txt:4: position 4 holds "python:node"; gpu_list: is wanted, for lines count by position',
  ],
  'a title that no form has is refused': [
    'train_params===========================\nmodel_name',
    'other_params===========================\nname',
    `Cannot read f.txt:1: it begins with "===========================other_params==========================="; a title of TIPC is wanted: ${titles.slice(0, -1).join(', ')}, or ${titles.at(-1)}`,
  ],
  'a wrong key is refused': [
    'infer_quant',
    'quant',
    'Cannot read f.txt:39: position 39 holds "quant:False"; infer_quant: is wanted, for lines count by position',
  ],
  'a second colon is refused': [
    'inference:tipcheck judge',
    'inference:tipcheck judge --url http://x',
    "Cannot read f.txt:40: the value of inference goes on after a second colon (`://x`), which TIPC's scripts drop; one colon is wanted",
  ],
  'a mode list without modes is refused': [
    '--iters:lite_train_lite_infer=20|',
    '--iters:20|',
    'Cannot read f.txt:7: --iters has the item "20"; items of the form mode=value are wanted',
  ],
  'a mode that stands twice is refused': [
    '--iters:lite_train_lite_infer=20|',
    '--iters:lite_train_lite_infer=20|lite_train_lite_infer=30|',
    'Cannot read f.txt:7: --iters has two values for lite_train_lite_infer; one is wanted',
  ],
  'iterations that are not a number are refused': [
    '--iters:lite_train_lite_infer=20',
    '--iters:lite_train_lite_infer=0',
    'Cannot read f.txt:7: --iters is "0" in lite_train_lite_infer; a whole number above 0 is wanted',
  ],
  'a gpu_list that no launch understands is refused': [
    'gpu_list:-1',
    'gpu_list:all',
    'Cannot read f.txt:4: gpu_list has the entry "all"; -1, device numbers such as 0,1 or ips;devices is wanted',
  ],
  'an unknown device is refused': [
    '--device:auto\n--enable',
    '--device:npu\n--enable',
    'Cannot read f.txt:41: --device has the item "npu"; one of cpu, gpu, True, False, auto is wanted',
  ],
  'a file without a trainer is refused': [
    'trainer:norm_train',
    'trainer:null',
    'Cannot read f.txt:15: trainer has no value; the name of a trainer is wanted',
  ],
  'models and their flags must be as many': [
    'infer_model:null',
    'infer_model:a|b',
    'Cannot read f.txt:37: infer_model has 2 items, infer_export 1 and infer_quant 1; as many of each are wanted',
  ],
  'a port that stands twice is refused': [
    '--port:ort|tfjs',
    '--port:ort|ort',
    'Cannot read f.txt:54: --port is "ort|ort"; the names of ports, each once, split by |, are wanted',
  ],
  'another line in port_params is refused': [
    '--port:ort',
    '--ports:ort',
    'Cannot read f.txt:54: the section port_params holds other lines than one --port:…; the names of ports, split by |, are wanted',
  ],
};
for (const [title, [from, to, message]] of Object.entries(refused)) {
  t.test(title, async (t) => {
    t.ok(own.includes(from), 'the fixture holds what is changed');
    t.throws(() => parseTipcText(own.replace(from, to), 'f.txt'), { name: 'UserError' });
    try {
      parseTipcText(own.replace(from, to), 'f.txt');
    } catch (error) {
      t.equal((error as Error).message.slice(0, message.length), message);
    }
  });
}

t.test('a file that is cut short, or absent, is refused', async (t) => {
  t.throws(() => parseTipcText(own.split('\n').slice(0, 30).join('\n'), 'f.txt'), {
    message:
      'Cannot read f.txt: it has 30 lines that are not empty; at least 48 are wanted, as in train_infer_python.txt',
  });
  await t.rejects(readTipcFile('nowhere.txt'), {
    message:
      'Cannot read the TIPC text file nowhere.txt: there is no such file; a file like those under configs/tipc is wanted',
  });
});

t.test("PaddleSeg's own files are read as they are", async (t) => {
  const folder = join(packageRoot, '..', 'shared', 'paddleseg', 'test_tipc', 'configs');
  if (!existsSync(folder)) return void t.comment('not run: ../shared/paddleseg is not there');
  const paths = readdirSync(folder)
    .map((name) => join(folder, name, 'train_infer_python.txt'))
    .filter(existsSync);
  t.ok(paths.length >= 4, `${paths.length} files`);
  for (const path of paths) {
    const file = readTrainInfer(path);
    t.equal(file.python, 'python3.7', path);
    t.strictSame(file.gpuList.values, ['0', '0,1'], path);
  }
  const segnext = readTrainInfer(join(folder, 'segnext', 'train_infer_python.txt'));
  t.strictSame(segnext.train.autocast, { key: 'Global.auto_cast', values: ['null'], line: 6 });
  t.strictSame(segnext.infer.free, [
    { key: '--model_name', value: ' segnext', line: 51 },
    { key: '', value: '', line: 0 },
  ]);
  t.strictSame(segnext.notes.length, 1);
  const segformer = readTrainInfer(join(folder, 'segformer_b0', 'train_infer_python.txt'));
  t.equal(parseTrainBenchmark(segformer.trainBenchmark!, '').iters, 800);
  t.equal(segformer.extra.get('repeats'), '500');
  const fcn = readTrainInfer(join(folder, 'fcn_hrnetw18_small', 'train_infer_python.txt'));
  t.equal(parseTrainBenchmark(fcn.trainBenchmark!, '').flags.length, 4);
  t.equal(fcn.extra.get('log_iters'), '5');
});

t.test("files of Paddle's other suites are told apart, with the line that gives them away", async (t) => {
  const cases: readonly (readonly [from: string, to: string, message: string])[] = [
    [
      'norm_train:null',
      'norm_train:tools/train.py -c ppcls/configs/a.yaml',
      "f.txt:16: this looks like PaddleClas's TIPC",
    ],
    ['--precision:null', '-o Global.auto_cast:null', "f.txt:6: this looks like PaddleClas's TIPC"],
    ['--batch_size:lite', 'TrainReader.batch_size:lite', "f.txt:9: this looks like PaddleDetection's TIPC"],
    ['train_model_name:', 'trained_model_name:', "f.txt:11: this looks like PaddleDetection's TIPC"],
    ['inference:tipcheck judge', 'inference:tools/infer/predict_det.py', "f.txt:40: this looks like PaddleOCR's TIPC"],
    [
      'norm_train:null',
      'norm_train:tools/train.py -c configs/any.yml -o',
      "f.txt:16: this looks like PaddleClas, PaddleDetection or PaddleOCR's TIPC",
    ],
  ];
  for (const [from, to, message] of cases)
    t.throws(() => parseTipcText(own.replace(from, to), 'f.txt'), {
      message: `Cannot use ${message}; only PaddleSeg's is run, and a file of its kind is wanted`,
    });
  t.ok(
    parseTipcText(own.replace('--precision:null', 'Global.auto_cast:null'), 'f.txt'),
    "a key of PaddleSeg's files, too",
  );
});
