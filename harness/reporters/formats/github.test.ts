import t from 'tap';
import {
  errorCase,
  faultyCase,
  makeCase,
  makeMeasurement,
  makeOwn,
  makeResult,
  makeStep,
  makeTipcResult,
  missingCase,
  nastyName,
  worseBaseline,
} from '../result-for-tests.js';
import { renderAnnotations } from './github.js';

/** As the runner reads a command back. */
function parse(text: string) {
  const readBack = (part: string) =>
    part
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%25', '%');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, level, properties, data] = /^::(\w+) (.*?)::(.*)$/.exec(line)!;
      const pairs = properties!.split(',').map((pair) => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at), readBack(pair.slice(at + 1))];
      });
      return { level: level!, ...Object.fromEntries(pairs), text: readBack(data!) } as Record<string, string>;
    });
}

const faulty = (name: string) =>
  makeMeasurement(name, { verdict: 'fail', own: makeOwn({ verdict: 'fail', reason: `${name} is off` }), reason: 'r' });

t.test('a run that passes has none', async (t) => {
  t.equal(renderAnnotations(makeResult([makeCase()])), '');
});

t.test('the layer at fault is annotated with what to look at, and what inherits is not', async (t) => {
  const found = parse(renderAnnotations(makeResult([faultyCase()]), { file: 'models/my.onnx' }));
  t.equal(found.length, 1);
  t.match(found[0], {
    level: 'error',
    file: 'models/my.onnx',
    title: 'ort · segnext-t: decode_head.align',
    text: /^first fault: on its own, error is 412 × the noise; at most 4 × is wanted; worst at \[0, 3, 4, 5\]: 1\.25/,
  });
});

t.test('at most ten: faulty layers first, the last says how many more', async (t) => {
  const suspects = Array.from({ length: 8 }, (_, i) =>
    makeMeasurement(`s${i}`, { verdict: 'fail', own: null, reason: 'r' }),
  );
  const cases = [
    makeCase({ port: 'a', verdict: 'fail', measurements: suspects }),
    makeCase({ port: 'b', verdict: 'fail', measurements: ['x', 'y', 'z'].map(faulty) }),
  ];
  const found = parse(renderAnnotations(makeResult(cases)));
  t.equal(found.length, 10);
  t.strictSame(
    found.map(({ title }) => title),
    [
      ...['x', 'y', 'z'].map((name) => `b · segnext-t: ${name}`),
      ...[0, 1, 2, 3, 4, 5].map((i) => `a · segnext-t: s${i}`),
      'tipcheck',
    ],
  );
  t.equal(found[9]?.text, '2 more are not shown here; the report has all of them');
  const ten = parse(
    renderAnnotations(makeResult([makeCase({ verdict: 'fail', measurements: 'abcdefghij'.split('').map(faulty) })])),
  );
  t.equal(ten.length, 10);
  t.equal(ten[9]?.title, 'ort · segnext-t: j', 'ten are all shown');
});

t.test('a crash, a part that did not run and a missing probe are annotated', async (t) => {
  const notRun = errorCase({ port: 'tfjs', verdict: 'not-run', reason: 'no GPU' });
  const found = parse(renderAnnotations(makeResult([missingCase({ port: 'mine' }), errorCase(), notRun])));
  t.match(found, [
    { level: 'error', title: 'ort · segnext-t: error', text: 'Cannot run port ort: it was killed by SIGKILL' },
    { level: 'warning', title: 'tfjs · segnext-t: not run', text: 'no GPU' },
    { level: 'error', title: 'mine · segnext-t: decode_head.align' },
    { level: 'error', title: 'mine · segnext-t: logits' },
  ]);
});

t.test('a red run always has one', async (t) => {
  t.match(parse(renderAnnotations(makeResult([], { verdict: 'fail', summary: 'Nothing was compared.' }))), [
    { title: 'tipcheck: fail', text: 'Nothing was compared.' },
  ]);
  const inherits = makeMeasurement('late', { verdict: 'fail', reason: 'error is 9 × the noise' });
  const accumulated = makeCase({
    verdict: 'fail',
    firstFault: 'late',
    firstFaultBy: 'accumulated',
    measurements: [inherits],
  });
  t.match(parse(renderAnnotations(makeResult([accumulated]))), [
    { title: 'ort · segnext-t: fail', text: 'error is 9 × the noise' },
  ]);
});

t.test('what became worse than a baseline is annotated, and what says nothing of it is a warning', async (t) => {
  const finding = { case: 'ort/segnext-t', figure: 'accumulated', actual: 3, expected: 1 };
  const findings = [
    { ...finding, probe: 'logits', what: 'worse' as const, reason: '3 times what it was' },
    { ...finding, probe: null, what: 'inconclusive' as const, reason: 'another CPU' },
  ];
  const found = makeResult([makeCase()], { verdict: 'fail', baseline: worseBaseline({ findings }) });
  t.match(parse(renderAnnotations(found)), [
    { level: 'error', title: 'ort/segnext-t: logits: worse', text: '3 times what it was' },
    { level: 'warning', title: 'ort/segnext-t: inconclusive', text: 'another CPU' },
  ]);
});

t.test('a TIPC step that fails is annotated, one that did not run is a warning', async (t) => {
  const steps = [
    makeStep(),
    makeStep({ id: 'ort/2-eval', verdict: 'fail', reason: 'the loss is constant' }),
    makeStep({ id: 'ort/3-export', verdict: 'not-run', reason: 'no GPU', lack: 'gpu' }),
  ];
  t.match(parse(renderAnnotations(makeTipcResult(steps, { verdict: 'fail' }))), [
    { level: 'error', title: 'ort/2-eval: fail', text: 'the loss is constant' },
    { level: 'warning', title: 'ort/3-export: not run', text: 'no GPU' },
  ]);
});

t.test('what is waived is a warning, and a stale waiver an error', async (t) => {
  const waived = { because: 'known', link: null, until: '2999-01-01', inheritsFrom: null };
  const cases = [makeCase({ verdict: 'waived', measurements: [{ ...faulty('x'), waived }] })];
  const use = {
    port: 'ort',
    bundle: 'b',
    probe: 'x',
    failure: 'disagrees',
    ...waived,
    source: 'f',
    state: 'stale' as const,
    matched: 0,
  };
  const waivers = [{ ...use, note: 'it is stale' }];
  t.match(parse(renderAnnotations(makeResult(cases, { verdict: 'fail', waivers }))), [
    { level: 'error', title: 'waiver is stale', text: 'it is stale' },
    { level: 'warning', title: 'ort · segnext-t: waived', text: '1 failure waived until 2999-01-01: known' },
  ]);
});

t.test('no name can end a command, begin another or add a property', async (t) => {
  const name = `${nastyName}\r\n::error::injected, a=b: 100%0A`;
  const text = renderAnnotations(
    makeResult([makeCase({ port: name, verdict: 'fail', measurements: [faulty(name)] })]),
    { file: 'a,b:c%.onnx' },
  );
  t.equal(text.split('\n').length, 2, 'one line');
  const [found] = parse(text);
  t.equal(found?.file, 'a,b:c%.onnx');
  t.match(found?.title, '::error::injected, a=b: 100%0A');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is the point
  t.notMatch(text.trimEnd(), /[\u0000-\u001f]/);
});
