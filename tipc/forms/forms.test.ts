import t from 'tap';
import type { TipcPlan, TipcPlanOptions } from '../plan/plan.js';
import { planTipc } from '../plan/plan-tipc.js';
import { parseTipcText } from '../plan/read-tipc-file.js';

const plan = (text: string, mode: string, options?: TipcPlanOptions): TipcPlan =>
  planTipc(parseTipcText(text, 'f.txt'), mode, options);
const show = ({ steps }: TipcPlan): string[] => steps.map(({ kind, command }) => `${kind} ${command}`);
const statuses = ({ steps }: TipcPlan) => steps.map(({ status }) => status && [status.file, status.model, status.log]);

const paddle2onnx = `===paddle2onnx_params===
model_name:toy
python:python3.7
2onnx: paddle2onnx
--model_dir:./toy/
--model_filename:model.pdmodel
--params_filename:model.pdiparams
--save_file:./toy/model.onnx
--opset_version:11
--enable_onnx_checker:True
inference:infer_onnx.py
--onnx_file:./elsewhere.onnx
--img_path:street.png`;

t.test('paddle2onnx converts, and infers with the file that the conversion writes', async (t) => {
  const found = plan(paddle2onnx, 'paddle2onnx-infer');
  const out = './test_tipc/output/toy/';
  t.strictSame(show(found), [
    `convert  paddle2onnx --model_dir=./toy/ --model_filename=model.pdmodel --params_filename=model.pdiparams --save_file=./toy/model.onnx --opset_version=11 --enable_onnx_checker=True >${out}/trans_model.log 2>&1`,
    `infer python3.7 infer_onnx.py --img_path=street.png --onnx_file=./toy/model.onnx > ${out}/paddle2onnx_infer_cpu.log 2>&1 `,
  ]);
  t.strictSame(statuses(found), [
    [`${out}/results_paddle2onnx.log`, 'toy', `${out}/trans_model.log`],
    [`${out}/results_paddle2onnx.log`, 'toy', `${out}/paddle2onnx_infer_cpu.log`],
  ]);
  t.equal(found.banner, null);
  t.strictSame(found.steps[1]?.dependsOn, [1]);
  t.equal(found.steps[0]?.script, 'paddle2onnx');
});

const ptq = `===ptq_params===
model_name:toy_KL
python:python3.7
##
--model_dir:toy_KL/export
##
--config:toy.yml
--batch_num:1
--batch_size:1
##
trainer:PTQ
PTQ:ptq.py
##
===infer_params===
inference:infer.py
--device:cpu|gpu
--batch_size:1|4
--config:quant_model/deploy.yaml
--image_path:person.jpg
--benchmark:True
`;

t.test('ptq quantises, and infers on each device in each batch size', async (t) => {
  const found = plan(ptq, 'whole_infer');
  const out = './test_tipc/output/toy_KL/whole_infer';
  t.strictSame(show(found).slice(0, 2), [
    `quantise python3.7 ptq.py   --model_dir=toy_KL/export --batch_num=1 --batch_size=1 --config=toy.yml   > ${out}/export.log 2>&1`,
    `infer python3.7 infer.py --device=cpu --config=quant_model/deploy.yaml --batch_size=1 --image_path=person.jpg --benchmark=True > ${out}/python_infer_cpu_batchsize_1.log 2>&1 `,
  ]);
  t.strictSame(
    found.steps.map(({ row }) => [row.device, row.batchSize, row.quantised]),
    [
      [null, null, true],
      ['cpu', '1', true],
      ['cpu', '4', true],
      ['gpu', '1', true],
      ['gpu', '4', true],
    ],
  );
});

const serving = `===serving_params===
model_name:toy
python:python3.7|python3.8
trans_model:-m paddle_serving_client.convert
--dirname:./toy
--model_filename:model.pdmodel
--params_filename:model.pdiparams
--serving_server:./server/
--serving_client:./client/
serving_dir:./serving
`;
const servingPython = `${serving}web_service:./web_service.py --config=config.yml${' '}
--opt op.seg.devices:"0"|null
--output_name:out
pipline:./client.py
--img_path:street.png
--input_name:x`;

t.test('serving in Python converts, and serves and asks on each device', async (t) => {
  const found = plan(servingPython, 'serving_infer', { workingFolder: '/repo' });
  const out = '/repo/test_tipc/output/toy/serving_infer';
  t.strictSame(show(found), [
    `convert python3.7 -m paddle_serving_client.convert --dirname=./toy --model_filename=model.pdmodel --params_filename=model.pdiparams --serving_server=./server/ --serving_client=./client/ >${out}/python_trans_model.log 2>&1`,
    `serve python3.7 ./web_service.py --config=config.yml  --input_name=x --output_name=out --opt op.seg.devices="0" >${out}/python_server_gpu.log 2>&1 &`,
    `request python3.7 ./client.py --img_path=street.png --input_name=x > ${out}/python_client_gpu_batchsize_1.log 2>&1 `,
    `serve python3.7 ./web_service.py --config=config.yml  --input_name=x --output_name=out --opt op.seg.devices= >${out}/python_server_cpu.log 2>&1 &`,
    `request python3.7 ./client.py --img_path=street.png  --input_name=x > ${out}/python_client_cpu_batchsize_1.log 2>&1 `,
  ]);
  t.equal(found.steps[0]?.script, '-m paddle_serving_client.convert');
  const chosen = plan(servingPython, 'serving_infer', { visibleDevices: '1' });
  t.equal(chosen.steps[0]?.visibleDevices, '1', 'the script sets it before it converts');
  t.strictSame(found.steps[1]?.request.words, [
    '--config=config.yml',
    '--input_name=x',
    '--output_name=out',
    '--opt',
    'op.seg.devices=0',
  ]);
});

const servingCpp = `${serving}--model:server
--op:GeneralSegOp
--port:9997
--gpu_id:"0"|null
cpp_client:client.py
--input_name:x
--output_name:out`;

t.test('serving in C++ patches the client in between, and names no log for the server on the CPU', async (t) => {
  const found = plan(servingCpp, 'serving_infer', { workingFolder: '/repo', visibleDevices: '1' });
  const out = '/repo/test_tipc/output/toy/serving_infer';
  t.strictSame(show(found).slice(1, 4), [
    'convert python3.7 modify_serving_client_conf.py',
    `serve python3.7 -m paddle_serving_server.serve --model server --op GeneralSegOp --port 9997 --gpu_id "0" >${out}/cpp_server_gpu.log 2>&1 & `,
    `request python3.7 client.py --input_name=x --output_name=out > ${out}/cpp_client_gpu_batchsize_1.log 2>&1 `,
  ]);
  t.strictSame(
    statuses(found).map((status) => status?.[2]),
    [
      `${out}/cpp_trans_model.log`,
      undefined,
      `${out}/cpp_server_gpu.log`,
      `${out}/cpp_client_gpu_batchsize_1.log`,
      '',
      `${out}/cpp_client_cpu_batchsize_1.log`,
    ],
  );
  t.strictSame(
    [...new Set(found.steps.map(({ visibleDevices }) => visibleDevices))],
    ['1'],
    'the script sets it first',
  );
});

const cpp = `# model load config
model_name toy
use_gpu  0
gpu_id  0
gpu_mem  4000
cpu_math_library_num_threads  10
use_mkldnn 1
use_tensorrt 1
use_fp16 1

# config
model_path  ./toy/model.pdmodel
is_resize 0
`;

t.test('the C++ form is split at blanks, and its flags name the log', async (t) => {
  const logs = { 'use_gpu  0': 'use_cpu_use_mkldnn', 'use_gpu  1': 'use_gpu_use_tensorrt_use_fp16' };
  for (const [line, log] of Object.entries(logs))
    t.strictSame(show(plan(cpp.replace('use_gpu  0', line), 'cpp_infer')), [
      `infer ./test_tipc/cpp/build/seg_system f.txt test_tipc/cpp/cityscapes_demo.png > ./test_tipc/output/toy//infer_cpp_${log}.log 2>&1 `,
    ]);
  t.throws(() => plan(cpp.replace('use_mkldnn 1', 'use_mkldnn True'), 'cpp_infer'), {
    message: 'Cannot read f.txt:7: use_mkldnn is "True"; 0 or 1 is wanted',
  });
});

const block = (name: string): string => `=============== ${name} ===============
model_name:toy
python:python3.7
gpu_list:0|0,1
Global.use_gpu:null|null
--precision:null
--iters:lite_train_lite_infer=2|whole_train_whole_infer=1000
--save_dir:
--batch_size:lite_train_lite_infer=2|whole_train_whole_infer=8
--model_path:null
train_model_name:best_model/model.pdparams
train_infer_img_dir:test.txt
null:null
##
trainer:norm_train
norm_train:tools/train.py --config toy.yml --log_iters=1
pact_train:null
fpgm_train:null
distill_train:null
null:null
null:null
echo "No Custom Cmd"
`;

t.test('dy2static trains each block twice, on GPU 0, and compares', async (t) => {
  const found = plan(block('first') + block('second'), 'dy2static');
  const out = './test_tipc/output/toy/lite_train_lite_infer';
  const train = `train python3.7 tools/train.py --config toy.yml --log_iters=1`;
  const rest = `--save_dir=${out}/norm_train_gpus_0_autocast_null --iters=2     --batch_size=2    `;
  t.strictSame(show(found).slice(0, 3), [
    `${train}    ${rest}`,
    `${train} --opts to_static_training=True    ${rest}`,
    `compare diff -w ${out}/first_dygraph_loss.txt ${out}/first_dy2static_loss.txt > ${out}/first_diff_log.txt`,
  ]);
  t.equal(found.steps.length, 6);
  t.strictSame(found.bannerBefore, [1, 2, 4, 5]);
  t.strictSame(found.steps[5]?.dependsOn, [4, 5]);
  t.equal(found.steps[3]?.line, 38, 'lines count through the whole file');
});

t.test('a block of dy2static that is too short would take lines of the next one', async (t) => {
  t.throws(() => plan(block('first').replace('echo "No Custom Cmd"\n', '') + block('second'), 'dy2static'), {
    message:
      'Cannot read f.txt:1: the block first has 21 lines before the next; 22 are wanted, for the script takes that many',
  });
});

t.test('a mode of another form is refused', async (t) => {
  t.throws(() => plan(ptq, 'paddle2onnx_infer'), {
    message:
      'Cannot plan mode paddle2onnx_infer of f.txt: the file is of the form ptq, which TIPC runs in whole_infer; one of these is wanted, or a file of the form paddle2onnx',
  });
});

t.test('a key at the wrong position of any form is refused with its line', async (t) => {
  const refused: [text: string, message: string][] = [
    [
      paddle2onnx.replace('2onnx:', 'onnx:'),
      'Cannot read f.txt:4: position 4 holds "onnx: paddle2onnx"; 2onnx is wanted, for lines count by position',
    ],
    [
      ptq.replace('##\ntrainer', 'trainer'),
      'Cannot read f.txt:11: position 11 holds "PTQ:ptq.py"; trainer is wanted, for lines count by position',
    ],
    [
      ptq.replace('--batch_size:1|4', '--batch_size:1|x'),
      'Cannot read f.txt:17: --batch_size has the item "x"; a whole number above 0 is wanted',
    ],
    [
      servingPython.replace('serving_dir', 'dir'),
      'Cannot read f.txt:10: position 10 holds "dir:./serving"; serving_dir is wanted, for lines count by position',
    ],
    [
      cpp.replace('use_fp16 1\n', ''),
      'Cannot read f.txt:10: position 9 holds "# config"; use_fp16 is wanted, for lines count by position',
    ],
    [
      '===serving_params===\n',
      'Cannot read f.txt: it has 1 lines that are not empty; model_name is wanted at position 2',
    ],
  ];
  for (const [text, message] of refused) t.throws(() => parseTipcText(text, 'f.txt'), { message });
});

t.test('CRLF changes no plan of any form', async (t) => {
  const forms = {
    paddle2onnx_infer: paddle2onnx,
    whole_infer: ptq,
    serving_infer: servingCpp,
    cpp_infer: cpp,
    dy2static: block('a'),
  };
  for (const [mode, text] of Object.entries(forms))
    t.strictSame(show(plan(text.replaceAll('\n', '\r\n'), mode)), show(plan(text, mode)), mode);
});
