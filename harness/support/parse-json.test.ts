import t from 'tap';
import { parseJson, parseUserJson } from './parse-json.js';

t.test('what JSON.parse reads is read the same', async (t) => {
  for (const text of [
    ' {"a": [1, -2.5e+3, 0, true, false, null, "x\\n\\"\\u0041"], "b": {}, "c": [], "": {"a": 1}} \r\n\t',
    '"text"',
    '-0',
    '[[[]],[{}]]',
    '{"__proto__": 1, "toString": 2}',
    '{"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 2}]}',
  ])
    t.strictSame(parseJson(text), JSON.parse(text), text);
});

t.test('a key twice in one object is refused, with its place and both lines', async (t) => {
  const twice = `{
  "probes": [
    {"name": "norm1", "noise": {"rel_rms": 1}},
    {"name": "norm2",
     "noise": {"rel_rms": 1},
     "noise": {"rel_rms": 50}}
  ]
}`;
  t.throws(() => parseJson(twice), {
    name: 'JsonError',
    message: /^line 6: the key noise of probes\[1\] \(norm2\) is there twice, first in line 5$/,
  });
  t.throws(() => parseUserJson(twice, 'bundle x, case.json', 'a case is wanted'), {
    name: 'UserError',
    message:
      'Cannot read bundle x, case.json: line 6: the key noise of probes[1] (norm2) is there twice, first in line 5; a case is wanted',
  });
  for (const [text, sentence] of [
    ['{"a":1,"a":1}', /^line 1: the key a is there twice/],
    ['[{},{"a":{"b c":[],"b c":[]}}]', /^line 1: the key "b c" of \[1\]\.a is there twice/],
    ['{"a":1,"\\u0061":2}', /^line 1: the key a is there twice/],
    ['{"__proto__":1,"__proto__":2}', /^line 1: the key __proto__ is there twice/],
    ['{"\\u001b[31m":1,"\\u001b[31m":2}', /^line 1: the key "\\u001b\[31m" is there twice/],
    [`{"${'x'.repeat(1000)}":1,"${'x'.repeat(1000)}":2}`, /^line 1: the key x{80}… is there twice/],
  ] as const)
    t.throws(() => parseJson(text), { message: sentence }, text.slice(0, 60));
});

t.test('what is not JSON is refused in one line that says where and what', async (t) => {
  for (const [text, sentence] of [
    ['', 'line 1: it ends where a value is wanted'],
    ['{\n"rel_rms": NaN\n}', 'line 2: "NaN" stands where a value is wanted'],
    ['{\n"a": Infinity}', 'line 2: "Infinity" stands where a value is wanted'],
    ['[1,\n]', 'line 2: "]" stands where a value is wanted'],
    ['{"a":1,}', 'line 1: "}" stands where a key in quotes is wanted'],
    ['{"a":1', 'line 1: it ends where a comma or } is wanted'],
    ['{"a" 1}', 'line 1: "1" stands where a colon is wanted'],
    ["{'a': 1}", `line 1: "'" stands where a key in quotes is wanted`],
    ['[1 2]', 'line 1: "2" stands where a comma or ] is wanted'],
    ['[01]', 'line 1: "01" stands where a value is wanted'],
    ['[1.]', 'line 1: "1." stands where a value is wanted'],
    ['[+1]', 'line 1: "+1" stands where a value is wanted'],
    ['{} {}', 'line 1: "{" stands where nothing is wanted'],
    ['[1]]', 'line 1: "]" stands where nothing is wanted'],
    ['{"a": 1]', 'line 1: "]" stands where a comma or } is wanted'],
    ['// no\n1', 'line 1: "/" stands where a value is wanted'],
    ['["a\nb"]', 'line 1: a string has no closing quote'],
    ['\ufeff{}', 'line 1: "\ufeff" stands where a value is wanted'],
  ] as const) {
    t.throws(() => JSON.parse(text), text);
    t.throws(() => parseJson(text), { message: `it is not JSON (${sentence})` }, text);
  }
  t.throws(() => parseJson('{"a": "\\x\n"}'), { message: /^it is not JSON \([^\n]+\)$/ });
  t.throws(() => parseJson('["\\x"]'), { message: /^it is not JSON \([^\n]+\)$/ });
});

t.test('mutated texts are read as JSON.parse reads them, or refused as it refuses them', async (t) => {
  const seed = Date.now() % 1e9;
  t.comment(`seed ${seed}`);
  let state = seed;
  const draw = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const whole = '{"a": [1, -2.5e3, true, null, "x\\"\\n"], "b": {"c": {}, "d": []}, "e": "\\u0041"}';
  const signs = '{}[]:,"\\ 0123456789.eE+-truefalsn\n\u0000a';
  for (let round = 0; round < 20_000; round++) {
    let text = whole;
    for (let change = 0; change <= draw(3); change++) {
      const at = draw(text.length);
      text = text.slice(0, at) + (draw(2) === 0 ? '' : signs[draw(signs.length)]!) + text.slice(at + draw(2));
    }
    const theirs = tryTo(() => JSON.stringify(JSON.parse(text)));
    const ours = tryTo(() => JSON.stringify(parseJson(text)));
    if (theirs === ours || ours?.startsWith('line ')) continue;
    t.fail(`seed ${seed}: ${JSON.stringify(text)}: ${ours ?? 'refused'}, and JSON.parse gives ${theirs ?? 'an error'}`);
    break;
  }
});

t.test('a million open brackets are refused, or read, without running out of stack', async (t) => {
  const deep = '['.repeat(1_000_000);
  t.throws(() => parseJson(deep), { message: 'it has more than 500 levels (a budget)' });
  const told = `${'{"a":'.repeat(400)}{"b":1,"b":2}`;
  t.throws(() => parseJson(told), {
    message: /^line 1: the key b of …a\.a\.a\.a\.a\.a is there twice, first in line 1$/,
  });
});

/** Null: it is refused; a key that is there twice is told by its sentence. */
function tryTo(read: () => string): string | null {
  try {
    return read();
  } catch (error) {
    return error instanceof Error && error.message.startsWith('line ') ? error.message : null;
  }
}

t.test('levels are limited, brackets in strings are none', async (t) => {
  const deep = (levels: number) => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;
  t.throws(() => parseJson(deep(502)), { name: 'JsonError', message: 'it has more than 500 levels (a budget)' });
  t.throws(() => parseJson(`${deep(502)}]`), { message: 'it has more than 500 levels (a budget)' });
  t.ok(parseJson(deep(500)));
  t.ok(parseJson(`[${Array.from({ length: 1000 }, () => '[1]').join()}]`));
  t.equal(parseJson(JSON.stringify(`\\"${'['.repeat(1000)}`)), `\\"${'['.repeat(1000)}`);
});

t.test('a string of millions of escapes is read', async (t) => {
  t.equal(parseJson(`"${'\\n'.repeat(4_000_000)}"`), '\n'.repeat(4_000_000));
});
