import t from 'tap';
import { parseToolArguments } from './tool-arguments.js';

const train = (...argv: readonly string[]) => parseToolArguments('tools/train.py', argv);

t.test('what a tool takes is taken, in every spelling that argparse has, and names are written out', async (t) => {
  const argv = ['--conf', 'y.yml', '--do_eval', '--iters=20', '--seed', '-1', '--opts', 'a=1', 'b=2', '--log_iter=5'];
  t.strictSame(train(...argv), {
    argv: ['--config', 'y.yml', '--do_eval', '--iters=20', '--seed', '-1', '--opts', 'a=1', 'b=2', '--log_iters=5'],
    refused: null,
  });
  t.strictSame(train('--opts=a=1')?.argv, ['--opts', 'a=1']);
  t.equal(parseToolArguments('tools/export.py', ['--input_shape', '1', '3', '-1', '-1'])?.refused, null);
  t.equal(parseToolArguments('deploy/python/infer.py', ['--benchmark=True', '--model_name= toy'])?.refused, null);
  t.equal(parseToolArguments('Matting/tools/train.py', ['--any']), null, 'a tool that is not known');
});

t.test('what a tool ends at is refused, with the reason', async (t) => {
  const cases: readonly (readonly [script: string, argv: readonly string[], name: string, why: RegExp])[] = [
    ['tools/val.py', ['Global.pretrained_model=a/b.pdparams'], 'Global.pretrained_model', /^it has no argument Global/],
    ['tools/train.py', ['Global.use_amp=True'], 'Global.use_amp', /^it has no argument/],
    ['tools/train.py', ['--itres=20'], '--itres', /Did you mean --iters\?/],
    ['tools/train.py', ['--do_eval=True'], '--do_eval', /^--do_eval takes no value$/],
    ['tools/train.py', ['--config', '--do_eval'], '--config', /^--config lacks its value$/],
    ['tools/train.py', ['--iters=many'], '--iters', /^--iters does not take "many"$/],
    [
      'tools/train.py',
      ['--use', 'x'],
      '--use',
      /^--use may be short for --use_vdl and --use_ema and --use_multilabel$/,
    ],
    ['tools/train.py', ['--precision=int8'], '--precision', /does not take "int8"/],
    ['tools/train.py', ['--opts=a=1', 'b=2'], 'b', /^it has no argument b/],
    ['deploy/python/infer.py', ['--device=True'], '--device', /does not take "True"/],
    ['deploy/python/infer.py', ['--use_trt=true'], '--use_trt', /does not take "true"/],
    ['tools/export.py', ['--config', 'y.yml', 'more'], 'more', /^it has no argument more/],
  ];
  for (const [script, argv, name, why] of cases) {
    const refused = parseToolArguments(script, argv)?.refused;
    t.equal(refused?.name, name, argv.join(' '));
    t.match(refused?.why ?? '', why);
  }
});

t.test('what argparse takes is taken: a dash alone, a blank, and every number of Python', async (t) => {
  for (const value of ['-', '-x y', '--no such', '--iters 5']) t.equal(train('--config', value)?.refused, null, value);
  for (const value of ['nan', '-inf', 'Infinity', '1_0.5', '1_0e-1_0', '.5', '5.'])
    t.equal(train(`--learning_rate=${value}`)?.refused, null, value);
  for (const value of ['1__0', '_1', '1_.5', 'in', '1e', '.'])
    t.equal(train(`--learning_rate=${value}`)?.refused?.name, '--learning_rate', value);
});

t.test('what Python evaluates to true or false is taken, and --benchmark takes any number', async (t) => {
  const refused = (name: string, value: string) => parseToolArguments('deploy/python/infer.py', [name, value])!.refused;
  for (const name of ['--use_trt', '--enable_auto_tune', '--enable_mkldnn', '--print_detail'])
    for (const value of ['True', 'False', '0', '1']) t.equal(refused(name, value), null, `${name} ${value}`);
  for (const value of ['True', 'False', '0', '1', '2', 'None']) t.equal(refused('--benchmark', value), null, value);
  t.strictSame(refused('--use_trt', '2'), { name: '--use_trt', why: '--use_trt does not take "2"' });
  t.strictSame(refused('--benchmark', 'on'), { name: '--benchmark', why: '--benchmark does not take "on"' });
});
