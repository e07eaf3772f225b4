import t from 'tap';
import { readRequest } from './request.js';

const train = (...words: readonly string[]) => readRequest('tools/train.py', words);

t.test('what a tool takes is taken, in every spelling that argparse has, and names are written out', async (t) => {
  const found = train(
    ...['--conf', 'y.yml', '--do_eval', '--iters=20', '--seed', '-1'],
    ...['--opts', 'a=1', 'b=2', '--log_iter=5'],
  );
  t.equal(found.refused, null);
  t.strictSame(
    found.given.map(({ name, values }) => [name, ...values]),
    [
      ...[['--config', 'y.yml'], ['--do_eval'], ['--iters', '20'], ['--seed', '-1'], ['--opts', 'a=1', 'b=2']],
      ['--log_iters', '5'],
    ],
  );
  t.strictSame(train('--opts=a=1').values('--opts'), ['a=1']);
  t.equal(readRequest('tools/export.py', ['--input_shape', '1', '3', '-1', '-1']).refused, null);
  t.equal(readRequest('deploy/python/infer.py', ['--benchmark=True', '--model_name= toy']).refused, null);
});

t.test('of a tool that is not known every long name is an option, and nothing is refused', async (t) => {
  for (const script of ['Matting/tools/train.py', '', 'constructor', '-m paddle_serving_client.convert']) {
    const found = readRequest(script, ['one', '--any=1', '--shape', '1', '-3', '--any', '2', '--last']);
    t.equal(found.refused, null, script);
    t.strictSame([found.value('--any'), found.values('--shape'), found.value('--last')], ['2', ['1', '-3'], '']);
    t.strictSame([found.has('--las'), found.value('one')], [false, null]);
  }
});

t.test(
  'of a tool that is not known a word with one dash ends the values before it, and a number does not',
  async (t) => {
    const found = readRequest('my_train.py', ['--iters', '20', '-c', 'y.yml', '--shape', '-1', '-.5', '-', '-v']);
    t.strictSame(
      found.given.map(({ name, values }) => [name, ...values]),
      [['--iters', '20'], ['-c', 'y.yml'], ['--shape', '-1', '-.5', '-'], ['-v']],
    );
  },
);

t.test('the last of an option counts, and one that is not given has no value', async (t) => {
  const found = train('--iters=3', '--opts', 'a=1', 'b=2', '--iters', '4', '--opts', 'c=3');
  t.strictSame([found.value('--iters'), found.values('--opts')], ['4', ['c=3']]);
  t.strictSame([found.has('--seed'), found.value('--seed'), found.values('--seed')], [false, null, []]);
});

t.test('an unchanged request says the words that were read, whatever they are', async (t) => {
  const scripts = ['tools/train.py', 'tools/val.py', 'tools/export.py', 'deploy/python/infer.py', 'paddle2onnx'];
  const some = [
    ...['--config', '--conf=y.yml', '--do_eval', '--do_eval=1', '--opts', '--input_shape', '--use', '--none', '--'],
    ...['-', '-1', '-x', '', '--iters=', 'a=1', '--a b', '='],
  ];
  const longest = 3;
  const all = (length: number): readonly string[][] =>
    length === 0 ? [[]] : all(length - 1).flatMap((words) => some.map((word) => [...words, word]));
  const wrong = scripts.flatMap((script) =>
    Array.from({ length: longest }, (_, length) => all(length + 1))
      .flat()
      .filter((words) => JSON.stringify(readRequest(script, words).words) !== JSON.stringify(words)),
  );
  t.strictSame(wrong, []);
});

t.test('a request of other files has other words and values, and the same names', async (t) => {
  const moved = train('--save_dir=a/b', '--conf', 'a/y.yml', 'a').relocate((text) => text.replace('a/', 'c/'));
  t.strictSame(moved.words, ['--save_dir=c/b', '--conf', 'c/y.yml', 'a']);
  t.strictSame([moved.value('--save_dir'), moved.value('--config')], ['c/b', 'c/y.yml']);
  t.equal(moved.refused?.name, 'a');
});

t.test('what a tool ends at is refused, with the reason', async (t) => {
  const cases: readonly (readonly [script: string, words: readonly string[], name: string, why: RegExp])[] = [
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
  for (const [script, words, name, why] of cases) {
    const refused = readRequest(script, words).refused;
    t.equal(refused?.name, name, words.join(' '));
    t.match(refused?.why ?? '', why);
  }
});

t.test('what argparse takes is taken: a dash alone, a blank, and every number of Python', async (t) => {
  for (const value of ['-', '-x y', '--no such', '--iters 5']) t.equal(train('--config', value).refused, null, value);
  for (const value of ['nan', '-inf', 'Infinity', '1_0.5', '1_0e-1_0', '.5', '5.'])
    t.equal(train(`--learning_rate=${value}`).refused, null, value);
  for (const value of ['1__0', '_1', '1_.5', 'in', '1e', '.'])
    t.equal(train(`--learning_rate=${value}`).refused?.name, '--learning_rate', value);
});

t.test('what Python evaluates to true or false is taken, and --benchmark takes any number', async (t) => {
  const refused = (name: string, value: string) => readRequest('deploy/python/infer.py', [name, value]).refused;
  for (const name of ['--use_trt', '--enable_auto_tune', '--enable_mkldnn', '--print_detail'])
    for (const value of ['True', 'False', '0', '1']) t.equal(refused(name, value), null, `${name} ${value}`);
  for (const value of ['True', 'False', '0', '1', '2', 'None']) t.equal(refused('--benchmark', value), null, value);
  t.strictSame(refused('--use_trt', '2'), { name: '--use_trt', why: '--use_trt does not take "2"' });
  t.strictSame(refused('--benchmark', 'on'), { name: '--benchmark', why: '--benchmark does not take "on"' });
});
