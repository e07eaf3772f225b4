import t from 'tap';
import { renderCaseLine, renderSummary } from './console.js';
import {
  errorCase,
  faultyCase,
  makeCase,
  makeMeasurement,
  makeResult,
  makeShipped,
  manyFaultsCase,
  missingCase,
  nastyName,
} from './result-for-tests.js';

const colour = false;

t.test('a passing case is one line', async (t) => {
  t.equal(
    renderCaseLine(makeCase(), { colour }),
    'pass  ort · segnext-t  3 probes  worst 1.3× noise at backbone.norm1  own 2.1×  0 of 3072 pixels changed',
  );
  const measurements = [makeMeasurement('a', { verdict: 'uninformative' }), makeMeasurement('b', { own: null })];
  t.equal(
    renderCaseLine(makeCase({ measurements, meaning: null }), { colour }),
    'pass  ort · segnext-t  2 probes (1 not informative)  worst 1.3× noise at b',
  );
});

t.test('a failing case says where, how far, against which golden, and where to look', async (t) => {
  t.equal(
    renderCaseLine(faultyCase(), { colour }),
    `fail  ort · segnext-t  3 probes  1 faulty, 1 inherits, 1 agrees
      first fault   decode_head.align: on its own, error is 412 × the noise; at most 4 × is wanted
                    worst at [0, 3, 4, 5]: 1.25, and 1.2500001 is wanted
      furthest off  decode_head.align, 380× noise accumulated
      pixels        57 of 3072 pixels changed class; 120 can at this error; 1 changed that should not have been able to
      hint          In that run every complete probe before it was Paddle’s own value, so the fault lies in this layer, or between it and the probes before: look at its constants (epsilon, axis, activation), its padding and strides, and the layout of its weights.
      port          ort: onnxruntime-node 1.26.0 on cpu, CPUExecutionProvider
      golden        SegNeXt MSCAN_T 1×3×48×64 by paddlepaddle 3.3.1, 0123456789ab`,
  );
});

t.test('each kind of fault has its own hint', async (t) => {
  t.match(renderCaseLine(missingCase(), { colour }), 'The port gave no tensor of this name.');
  const suspect = makeMeasurement('b', { verdict: 'fail', own: null, reason: 'r' });
  const unjudged = { verdict: 'fail', firstFault: 'b', firstFaultBy: 'accumulated' } as const;
  const before = makeMeasurement('a', { own: null });
  t.match(
    renderCaseLine(makeCase({ ...unjudged, measurements: [before, suspect] }), { colour }),
    'The last probe that agrees before it is a.',
  );
  t.match(renderCaseLine(makeCase({ ...unjudged, measurements: [suspect] }), { colour }), 'No probe before it agrees.');
  const drift = makeMeasurement('b', { verdict: 'fail', reason: 'r' });
  t.match(
    renderCaseLine(makeCase({ ...unjudged, measurements: [before, drift] }), { colour }),
    'No layer fails on its own',
  );
  const logits = makeMeasurement('b', { verdict: 'fail', reason: 'r' });
  t.match(
    renderCaseLine(makeCase({ ...unjudged, measurements: [before, drift], shipped: makeShipped(logits, 9) }), {
      colour,
    }),
    'the graph that users run does not',
  );
});

t.test('a case that did not run says why', async (t) => {
  t.equal(
    renderCaseLine(errorCase(), { colour }),
    'error  ort · segnext-t  Cannot run port ort: it was killed by SIGKILL',
  );
  t.equal(
    renderCaseLine(errorCase({ verdict: 'not-run', reason: 'no GPU' }), { colour }),
    'not-run  ort · segnext-t  no GPU',
  );
});

t.test('the end of a run says the verdict, what 1× is, and where the report lies', async (t) => {
  const result = makeResult([makeCase(), faultyCase({ port: 'tfjs', id: 'tfjs/segnext-t' })], { partial: true });
  t.equal(
    renderSummary(result, { colour, reportPath: 'reports/x/report.html' }),
    `
1× = the rounding error that Paddle itself makes here in float32.
fail  tfjs/segnext-t does not agree.
      1 pass, 1 fail, only some of the probes were asked for, 1 min 35 s
      report  reports/x/report.html`,
  );
});

t.test('colours are asked for, and names bring none of their own', async (t) => {
  const sequence = '\u001b[';
  t.ok(renderCaseLine(faultyCase(), { colour: true }).includes(sequence));
  const plain = renderCaseLine(
    faultyCase({ port: nastyName, measurements: [makeMeasurement(nastyName, { verdict: 'fail', reason: nastyName })] }),
    { colour },
  );
  t.notOk(
    ['\u001b', '\u0000'].some((unwanted) => plain.includes(unwanted)),
    plain,
  );
  t.ok(plain.includes('\\u0000\\u001b[31mred\\u001b[0m'), 'they are shown, escaped');
  t.ok(renderSummary(makeResult([makeCase()]), { colour: true }).includes(sequence));
});

t.test('every layer at fault is named, at most ten of them, then a count', async (t) => {
  t.match(
    renderCaseLine(manyFaultsCase(3), { colour }),
    /first fault {3}fault0: on its own, .+\n.+\n {6}also faulty {3}fault1 \(31×\), fault2 \(32×\)\n/,
  );
  const many = renderCaseLine(manyFaultsCase(12), { colour });
  t.match(many, /also faulty {3}fault1 \(31×\), .+, fault9 \(39×\) and 2 more\n/);
  t.notMatch(many, /fault10/);
});

t.test('in a training the likely cause is named, and not what comes first in the file', async (t) => {
  const failing = (name: string) =>
    makeMeasurement(name, { verdict: 'fail', noiseRatio: 90, own: null, reason: 'far off' });
  const found = makeCase({
    phase: 'train',
    verdict: 'fail',
    firstFault: 'loss/1',
    firstFaultBy: 'accumulated',
    fault: { kind: 'gradient', name: 'grads/head' },
    measurements: [failing('loss/1'), failing('grads/stem'), failing('grads/head')],
  });
  const text = renderCaseLine(found, { colour });
  t.match(text, /likely cause {2}grads\/head: far off\n/);
  t.match(text, /hint {10}The first loss agrees, so the way back is at fault/);
});

t.test('a reason that is printed after it is not said twice', async (t) => {
  const result = makeResult([errorCase()], { summary: 'nothing ran.' });
  t.match(renderSummary(result, { colour }), /\nerror {2}nothing ran\.\n/);
  t.notMatch(renderSummary(result, { colour, reasonFollows: true }), 'nothing ran.');
  t.match(renderSummary(result, { colour, reasonFollows: true }), /\nerror {2}1 error, /);
});

t.test('of a file without names it is said how its tensors were found, and which one is at fault', async (t) => {
  const found = { by: 'value', tensor: 't7\u001b[31m', module: 'net.norm' } as const;
  const passing = makeMeasurement('a', { found });
  const fused = makeMeasurement('b', { verdict: 'uninformative', reason: 'fused', compared: 0 });
  const lost = makeMeasurement('c', { verdict: 'missing', reason: 'no tensor', compared: 0, own: null });
  t.match(
    renderCaseLine(makeCase({ measurements: [passing, fused] }), { colour }),
    /\n {6}tensors {7}1 by value, 1 fused into others$/,
  );
  const measurements = [passing, fused, lost];
  const fault = { kind: 'forward', name: 'c' };
  const failing = makeCase({ measurements, verdict: 'fail', firstFault: 'c', firstFaultBy: 'accumulated', fault });
  const text = renderCaseLine(failing, { colour });
  t.match(text, /tensors {7}1 by value, 1 fused into others, 1 not found$/);
  t.match(text, /hint {10}No tensor of the file is this probe, as far as values and weights tell: look at what/);
  const wrong = makeMeasurement('a', { found, verdict: 'fail', reason: 'it is far off' });
  const named = makeCase({ ...failing, measurements: [wrong], firstFault: 'a', fault: { kind: 'forward', name: 'a' } });
  const line = renderCaseLine(named, { colour });
  t.match(line, /\n {6}tensor {8}t7\S* of net\.norm, found by value\n/);
  t.notMatch(line, '\u001b', 'names of a file are made printable');
  const mapped = makeMeasurement('a', { found: { by: 'map', tensor: 't7', elsewhere: 't\u001b9' } });
  const other = renderCaseLine(makeCase({ measurements: [mapped, makeMeasurement('b', mapped)] }), { colour });
  t.match(other, /\n {6}map {11}a is t7 by the map, and t\S*9 by value; and 1 more$/);
  t.notMatch(other, '\u001b');
});
