import t from 'tap';
import { tipcTextForTests } from '../text/text-for-tests.js';
import type { TipcPlan } from './plan.js';
import { planTipc } from './plan-tipc.js';
import { parseTipcText } from './read-tipc-file.js';

const plan = (changes: Record<string, string>, mode: string): TipcPlan =>
  planTipc(parseTipcText(tipcTextForTests(changes), 'f.txt'), mode);
const commands = ({ steps }: TipcPlan): string[] => steps.map(({ command }) => command.replace(/ +/g, ' ').trim());

t.test("benchmark_train's third argument chooses one configuration, or the static trainer", async (t) => {
  const section = `===to_static_train_benchmark_params===
to_static_train:--opts to_static_training=True
=====train_benchmark_params=====
batch_size:2|4
fp_items:fp32|fp16
epoch:300
--profiler_options:null
flags:null
`;
  const file = parseTipcText(`${tipcTextForTests()}${section}`, 'f.txt');
  const planned = (benchmark: string) => planTipc(file, 'benchmark_train', { benchmark, workingFolder: '/PaddleSeg' });
  const one = planned('dynamic_bs8_fp16_DP_N1C4');
  t.equal(one.steps.length, 2);
  const [train, analysis] = commands(one);
  t.match(
    train,
    / -m paddle\.distributed\.launch --devices=0,1,2,3 .+ --iters=300 --precision=fp16 --batch_size=8 .*--amp_level=O2/,
  );
  t.match(
    analysis,
    /PaddleSeg_toy_bs8_fp16_DP_N1C4_log .+ --model_name toy_bs8_fp16_DP .+--device_num N1C4 .+images\/s/,
  );
  t.match(commands(planned('dynamic_bs3_null_DP_N2C2')), [
    / --precision=fp32 --batch_size=3 /,
    / --precision=fp32 /,
    /N2C2/,
  ]);
  const statically = planned('dynamicTostatic');
  t.equal(statically.steps.length, 2 * 2 * (3 + 2));
  t.match(commands(statically)[0], ' --opts to_static_training=True --device=gpu');
  t.match(commands(statically)[2], 'PaddleSeg_toy_bs2_fp32_DP_N1C1_d2sT_log');
  t.match(commands(planned('dynamicTostatic_bs2_fp32_DP_N1C1'))[1], '--opts to_static_training=True');
  const plain = parseTipcText(`${tipcTextForTests()}${section.replace('to_static_train:', 'other:')}`, 'f.txt');
  t.match(planTipc(plain, 'benchmark_train', { benchmark: 'dynamicTostatic' }).notes.join(), /nothing is static/);
  for (const wrong of ['dynamic_bs8_fp32_DP', 'dynamic_bs0_fp32_DP_N1C1', 'dynamic_bs8_fp8_DP_N1C1', ''])
    t.throws(() => planned(wrong), {
      message: /its third argument is ".*"; dynamicTostatic, or .+ Fix: --params dynamic_bs8/,
    });
  t.throws(() => planTipc(file, 'whole_infer', { benchmark: 'dynamicTostatic' }), { message: /a command without it/ });
});

t.test('benchmark_train of a file without the section is an error', async (t) => {
  t.throws(() => plan({}, 'benchmark_train'), {
    message:
      'Cannot plan mode benchmark_train of f.txt: it has no section train_benchmark_params; batch_size, fp_items and epoch under that title are wanted',
  });
});

t.test('benchmark_train of a file with an empty line above is an error, for the script counts it', async (t) => {
  const section = '===train_benchmark_params===\nbatch_size:2\nfp_items:fp32\nepoch:300\n';
  t.throws(() => planTipc(parseTipcText(`\n${tipcTextForTests()}${section}`, 'f.txt'), 'benchmark_train'), {
    message:
      'Cannot plan mode benchmark_train of f.txt: norm_export stands in line 31; line 30 is wanted, for the script replaces lines by number and counts empty ones. Fix: remove the empty lines before it',
  });
});
