import t from 'tap';
import { parseYaml } from './parse-yaml.js';

const parse = (text: string): unknown => parseYaml(text, ({ line, what }) => new Error(`${line}: ${what}`));

t.test('mappings, lists and scalars of YAML 1.2 are read, aliases followed, JSON a part of it', async (t) => {
  t.strictSame(parse('a: &x [1, two, null, ~, true, "1"]\nb: *x\nc:\n'), {
    a: [1, 'two', null, null, true, '1'],
    b: [1, 'two', null, null, true, '1'],
    c: null,
  });
  t.strictSame(
    parse('{"a": {"b": [1.5, "x"]}, "__proto__": 1}'),
    JSON.parse('{"a": {"b": [1.5, "x"]}, "__proto__": 1}'),
  );
  t.equal(parse(''), null);
});

t.test('what is wrong is said with its line', async (t) => {
  for (const [text, said] of [
    ['a: 1\nlogits: *zz', '2: the alias zz has no anchor before it'],
    ['a: *b\nb: &b 1', '1: the alias b has no anchor before it'],
    ['a: &a [1, *a]', '1: an alias stands inside its own anchor'],
    ['a: 1\nb: 2\na: 3', '3: the key a is there twice'],
    ['? [1]\n: 2', '1: a key is not text; keys must be'],
    ['a: [', /^1: /],
    ['a: 1\n---\nb: 2', /^2: /],
    [`a: ${'['.repeat(30_000)}`, '1: it is nested too deeply; fewer levels are wanted'],
    [`a:\n${'- '.repeat(30_000)}x`, '2: it is nested too deeply; fewer levels are wanted'],
    [
      Array.from({ length: 3_000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
      /: it is nested too deeply|characters/,
    ],
    ['[ # ]\n'.repeat(600), '501: it is nested too deeply; fewer levels are wanted'],
    ['[ "]",\n'.repeat(600), '501: it is nested too deeply; fewer levels are wanted'],
    ["{ ']\n}': [\n".repeat(300), '501: it is nested too deeply; fewer levels are wanted'],
    [`a:\n${'- &a '.repeat(1_100)}x`, '2: it is nested too deeply; fewer levels are wanted'],
    [`a: ${'['.repeat(400)}${']'.repeat(400)}\nb: *c`, '2: the alias c has no anchor before it'],
  ] as const)
    t.throws(() => parse(text), { message: said }, text.slice(0, 40));
});

t.test('a small text cannot ask for much, in nodes or in time', async (t) => {
  const laughs = [
    'a0: &a0 [x]',
    ...Array.from({ length: 40 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`),
  ];
  const many = `a: &a ${'['.repeat(1)}${'x,'.repeat(100)}]\nb: [${'*a,'.repeat(12_000)}]`;
  for (const text of [laughs.join('\n'), many])
    t.throws(() => parse(text), {
      message: /: it has more than 1000000 nodes once its aliases are written out; at most 1000000 are allowed$/,
    });
  t.throws(() => parse(`a: ${'x'.repeat(2 ** 20)}`), {
    message: '1: it has 1048579 characters; at most 1048576 are wanted',
  });
  const startedAt = process.cpuUsage();
  parse(`a: &a x\nb: [${'*a,'.repeat(20_000)}]\n${Array.from({ length: 5_000 }, (_, at) => `k${at}: 1`).join('\n')}`);
  t.ok(process.cpuUsage(startedAt).user < 5e6, `${process.cpuUsage(startedAt).user} µs`);
});

t.test('brackets in quotes, comments and texts of several lines are not levels', async (t) => {
  const open = '['.repeat(600);
  t.strictSame(parse(`a: "${open}" # ${open}\nb: |\n  ${open}\nc: '${open}'`), { a: open, b: `${open}\n`, c: open });
  t.strictSame(parse(`[${'{"a": 1, "b": [1]},'.repeat(2_000)}]`), Array(2_000).fill({ a: 1, b: [1] }));
});
