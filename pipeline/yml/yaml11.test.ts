import t from 'tap';
import { parseYaml11, plainValue, renderOrigin } from './yaml11.js';

t.test('a PaddleSeg mapping becomes plain values', async (t) => {
  t.strictSame(
    read(`
model:
  type: SegNeXt
  align_corners: False
  depths: [3, 3, 5, 2]
  pretrained: Null
lr: 1.0e-6
text: '1.0e-6'
block: |
  two
  lines
empty:
`),
    {
      model: { type: 'SegNeXt', align_corners: false, depths: [3, 3, 5, 2], pretrained: null },
      lr: 1e-6,
      text: '1.0e-6',
      block: 'two\nlines\n',
      empty: null,
    },
  );
});

t.test('anchors and merges work, and own keys override merged ones wherever they stand', async (t) => {
  t.strictSame(read('a: &a {x: 1, y: 2}\nb:\n  y: 3\n  <<: *a\nc: *a\n'), {
    a: { x: 1, y: 2 },
    b: { x: 1, y: 3 },
    c: { x: 1, y: 2 },
  });
  t.strictSame(read('a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc: {<<: [*a, *b]}\n').c, { x: 1, z: 3 });
});

t.test('the last of two equal keys counts, as in PyYAML', async (t) => {
  t.strictSame(read('a: 1\na: 2\n'), { a: 2 });
});

t.test('explicit tags override the implicit type', async (t) => {
  t.strictSame(read('a: !!float 1e-3\nb: !!str 12\nc: !!python/tuple [1, 2]\n'), { a: 1e-3, b: '12', c: [1, 2] });
});

t.test('quoted scalars are text', async (t) => {
  t.strictSame(read(`a: 'on'\nb: "010"\n`), { a: 'on', b: '010' });
});

t.test('CRLF files read like others', async (t) => {
  t.strictSame(read('a: 1\r\nb:\r\n  c: on\r\n'), { a: 1, b: { c: true } });
});

t.test('values know their line', async (t) => {
  const node = parseYaml11('a: 1\nb:\n  c:\n    - x\n    - y\n', 'm.yml');
  const b = node.kind === 'mapping' ? node.entries.get('b') : undefined;
  const c = b?.kind === 'mapping' ? b.entries.get('c') : undefined;
  t.equal(c?.kind === 'list' && renderOrigin(c.items[1]!.origin), 'm.yml:5');
});

const refused: Record<string, [text: string, message: string]> = {
  'a broken document is refused with its line': [
    'a: 1\nb: [1, 2\n',
    'Cannot read m.yml:3: Flow sequence in block collection must be sufficiently indented and end with a ]; one well-formed YAML document is wanted',
  ],
  'two documents are refused': [
    'a: 1\n---\nb: 2\n',
    'Cannot read m.yml:2: a second document begins; one well-formed YAML document is wanted',
  ],
  'a key that is a boolean in YAML 1.1 is refused': [
    'a: 1\non: 2\n',
    'Cannot read m.yml:2: the key on is not text in YAML 1.1; keys must be text. Fix: put it in quotes',
  ],
  'a number as key is refused': [
    '1: 2\n',
    'Cannot read m.yml:1: the key 1 is not text in YAML 1.1; keys must be text. Fix: put it in quotes',
  ],
  'a list as key is refused': [
    '[1, 2]: 2\n',
    'Cannot read m.yml:1: a list as key is not text in YAML 1.1; keys must be text. Fix: put it in quotes',
  ],
  'a bare = is refused': ['a: =\n', 'Cannot read m.yml:1: a bare = is not a value in YAML 1.1. Fix: put it in quotes'],
  'an unknown alias is refused': ['a: *nowhere\n', 'Cannot read m.yml:1: an alias has no anchor of its name before it'],
  'an endless alias is refused': [
    'a: &a\n  b: *a\n',
    'Cannot read m.yml:2: an alias stands inside its own anchor; values must be finite',
  ],
  'a foreign tag is refused': [
    'a: !!python/name:os.system x\n',
    'Cannot read m.yml:1: the tag tag:yaml.org,2002:python/name:os.system is not known; str, null, bool, int, float, timestamp are',
  ],
  'a merge of a scalar is refused': [
    'a: {<<: 3}\n',
    'Cannot read m.yml:1: the value of << is a scalar; a mapping or a list of mappings is wanted',
  ],
  'a date that does not exist is refused': [
    'a:\n  b: 2020-02-30\n',
    'Cannot read m.yml:2: 2020-02-30 is not a date, as YAML 1.1 reads it',
  ],
};
for (const [title, [text, message]] of Object.entries(refused)) {
  t.test(title, async (t) => {
    t.throws(() => read(text), { name: 'UserError', message });
  });
}

t.test('a small file cannot ask for much, by aliases, by merges or by levels', async (t) => {
  const twice = (join: (at: number) => string) =>
    ['a0: &a0 {x: 1}', ...Array.from({ length: 40 }, (_, at) => `a${at + 1}: &a${at + 1} ${join(at)}`)].join('\n');
  const chain = Array.from(
    { length: 3_000 },
    (_, at) => `a${at}: &a${at} {${at === 0 ? '' : `<<: *a${at - 1}, `}k${at}: 1}`,
  );
  for (const text of [
    twice((at) => `[*a${at}, *a${at}]`),
    twice((at) => `{l: *a${at}, r: *a${at}}`),
    `a: &a [${'x,'.repeat(100)}]\nb: [${'*a,'.repeat(12_000)}]`,
    chain.join('\n'),
    `a: &a {${Array.from({ length: 1_000 }, (_, at) => `k${at}: 1`).join(', ')}}\nb: {<<: [${'*a, '.repeat(1_000)}]}`,
  ])
    t.throws(() => read(text), {
      name: 'UserError',
      message:
        /^Cannot read m\.yml:\d+: it has more than 1000000 nodes once its aliases are written out; at most 1000000 are allowed \(a budget\)$/,
    });
  for (const text of [`a: ${'['.repeat(30_000)}`, `a:\n${'- '.repeat(30_000)}x`, `a: ${'{b: '.repeat(30_000)}`])
    t.throws(() => read(text), {
      message: /^Cannot read m\.yml:\d: it is nested too deeply; fewer levels are wanted \(a budget\)$/,
    });
  t.throws(() => read(`a: ${'x'.repeat(2 ** 20)}`), {
    message: 'Cannot read m.yml:1: it has 1048579 characters; at most 1048576 are wanted (a budget)',
  });
  const startedAt = process.cpuUsage();
  t.equal((read(`a: &a 1\nb: [${'*a,'.repeat(20_000)}]`).b as unknown[]).length, 20_000);
  t.ok(process.cpuUsage(startedAt).user < 5e6, 'aliases are not looked for again and again');
});

t.test('an alias is the last anchor of its name before it', async (t) => {
  t.strictSame(read('a: &x 1\nb: *x\nc: &x 2\nd: [*x, &x 3, *x]'), { a: 1, b: 1, c: 2, d: [2, 3, 3] });
});

function read(text: string): Record<string, unknown> {
  return plainValue(parseYaml11(text, 'm.yml')) as Record<string, unknown>;
}
