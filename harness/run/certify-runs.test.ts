import t from 'tap';
import {
  evaluatedCase,
  faultyCase,
  makeCase,
  makeResult,
  makeStep,
  makeTipcResult,
  worseBaseline,
} from '../reporters/result-for-tests.js';
import type { Result } from '../result/record/result.js';
import type { KnownGoldens } from './certify-cases.js';
import { certifyRuns } from './certify-runs.js';

const suite = 'segnext/lite-infer';
const sha256 = '0123456789abcdef'.repeat(4);
const weights = [{ name: 'weights.npz', sha256: 'a'.repeat(64) }];
const known: KnownGoldens = {
  planned: (name) => (name === suite ? [{ id: 'segnext-t', model: 'SegNeXt MSCAN_T' }] : null),
  find: (id) => (id === 'segnext-t' ? { sha256, weights } : null),
};
const certify = (...results: Result[]) =>
  certifyRuns(
    results.map((result) => ({ result, href: `${result.runId}/report.html` })),
    [],
    known,
    new Date(0),
  );

t.test('a run fills a place for each model, mode, port and device, with what it stands on', async (t) => {
  const certificate = certify(makeResult([makeCase(), makeCase({ port: 'tfjs' })], { suite }));
  t.match(certificate, {
    models: ['SegNeXt MSCAN_T'],
    columns: [
      { mode: 'lite_infer', port: 'ort', device: 'cpu' },
      { mode: 'lite_infer', port: 'tfjs', device: 'cpu' },
    ],
    runs: [{ runId: '20261122-142530-4711', href: '20261122-142530-4711/report.html' }],
  });
  t.match(certificate.cells[0], {
    verdict: 'pass',
    reasons: { length: 0 },
    deviations: { length: 0 },
    engines: ['onnxruntime-node 1.26.0, CPUExecutionProvider'],
    parts: [{ name: 'ort/segnext-t', verdict: 'pass', golden: { name: 'segnext-t', sha256 }, weights }],
  });
});

t.test(
  'the newest run of a place counts, whatever order they are given in, and the older ones are named',
  async (t) => {
    const old = makeResult([makeCase()], { runId: 'old', startedAt: '2026-01-01T00:00:00.000Z' });
    const now = makeResult([faultyCase()], { runId: 'now', startedAt: '2026-02-01T00:00:00.000Z' });
    for (const runs of [
      [old, now],
      [now, old],
    ]) {
      const { cells } = certify(...runs);
      t.equal(cells.length, 1);
      t.match(cells[0], { runId: 'now', verdict: 'fail', older: [{ runId: 'old', verdict: 'pass' }] });
      t.strictSame(cells[0]!.reasons, ['ort/segnext-t: goes wrong first at decode_head.align']);
    }
  },
);

t.test("a golden of another model beside a suite is no pass of that model's suite", async (t) => {
  const beside = makeCase({ id: 'ort/lpsnet-m', bundle: 'lpsnet-m', model: 'LPSNet' });
  const { cells } = certify(makeResult([makeCase(), beside], { suite }));
  t.match(
    cells.map(({ model, mode, verdict }) => `${model} ${mode} ${verdict}`),
    ['LPSNet judge infer pass', 'SegNeXt MSCAN_T lite_infer pass'],
  );
});

t.test('what was not judged is not a pass', async (t) => {
  const other = makeCase({ bundle: 'other' });
  t.match(certify(makeResult([other], { suite })).cells[0], {
    verdict: 'not-run',
    reasons: ['1 of 1 goldens were not judged: segnext-t'],
  });
  t.match(certify(makeResult([makeCase()], { partial: true })).cells[0], {
    verdict: 'not-run',
    reasons: ['only some of the probes were asked for (--only)'],
  });
  t.match(certify(makeResult([makeCase()], { suite: 'segnext/older-infer' })).cells[0], { verdict: 'not-run' });
  const crashed = makeCase({ verdict: 'error', engine: null, reason: 'it crashed', measurements: [] });
  t.match(certify(makeResult([crashed])).cells[0], {
    verdict: 'error',
    device: 'unknown',
    reasons: ['ort/segnext-t: it crashed'],
  });
});

t.test('a run that never started its engine leaves no device green that has no newer run', async (t) => {
  const at = (runId: string, found: ReturnType<typeof makeCase>[]) =>
    makeResult(found, { runId, startedAt: `2026-01-0${runId}T00:00:00.000Z` });
  const crashed = makeCase({ verdict: 'error', engine: null, reason: 'it crashed', measurements: [] });
  const cellOf = (port: string, ...runs: Result[]) =>
    certify(...runs).cells.find((cell) => cell.port === port && cell.device === 'cpu');
  t.match(cellOf('ort', at('1', [makeCase()]), at('2', [crashed])), {
    verdict: 'error',
    runId: '1',
    reasons: ['in the newer run 2, on a device that is not known, ort/segnext-t: it crashed'],
  });
  t.match(cellOf('ort', at('3', [makeCase({ bundle: 'other' }), crashed])), {
    verdict: 'error',
    reasons: ['in the same run, on a device that is not known, ort/segnext-t: it crashed'],
  });
  t.match(cellOf('ort', at('1', [crashed]), at('2', [makeCase()])), { verdict: 'pass', reasons: { length: 0 } });
  const others = at('1', [makeCase({ port: 'tfjs' }), makeCase({ model: 'LPSNet' })]);
  t.match(cellOf('tfjs', others, at('2', [crashed])), { verdict: 'pass' });
  t.match(cellOf('ort', others, at('2', [crashed])), { model: 'LPSNet', verdict: 'pass' });
  const step = makeTipcResult([makeStep()], { runId: '1', startedAt: '2026-01-01T00:00:00.000Z' });
  const unstarted = makeStep({ verdict: 'error', reason: 'it crashed', engine: null, deviceAsked: null });
  const newer = makeTipcResult([unstarted], { runId: '2', startedAt: '2026-01-02T00:00:00.000Z' });
  t.match(cellOf('ort', step, newer), { verdict: 'error' }, 'of a TIPC mode');
});

t.test('of the name of a port that ran nothing is cut, whichever ports the text file names', async (t) => {
  const of = (port: string, command: readonly string[]) => {
    const run = makeTipcResult([makeStep({ port })], { command });
    return certify({ ...run, tipc: { ...run.tipc!, ports: ['ort', './p'] } }).cells[0];
  };
  t.match(of('./p@2.mjs', ['test', 'own.txt']), { port: './p@2.mjs' });
  t.match(of('ort@a@m', ['merge', 'm', 'c', 'a', 'b']), { port: 'ort' });
});

t.test('what fails a run beside its cases fails their places', async (t) => {
  const baseline = worseBaseline();
  t.match(certify(makeResult([makeCase()], { baseline })).cells[0], {
    verdict: 'fail',
    reasons: [/^ort\/segnext-t: logits: 2\.9 × the noise/],
  });
  t.match(
    certify(makeResult([makeCase({ port: 'tfjs' })], { baseline })).cells[0],
    { verdict: 'not-run', reasons: [/^tfjs\/segnext-t: beside its baseline it is inconclusive: the CPU is another/] },
    'inconclusive',
  );
  const waiver = {
    port: 'ort',
    bundle: 'segnext-t',
    probe: 'x',
    failure: 'disagrees',
    because: 'b',
    link: null,
    until: null,
    source: 's',
    state: 'stale',
    matched: 0,
    note: 'it is stale',
  } as const;
  t.match(certify(makeResult([makeCase()], { waivers: [waiver] })).cells[0], {
    verdict: 'fail',
    reasons: ['it is stale'],
  });
});

t.test('modes are those of the suites, by what was judged; runs without one come last', async (t) => {
  const both = makeResult([makeCase(), evaluatedCase()], { suite: 'segnext/lite-infer, segnext/full-eval' });
  const alone = makeResult([makeCase({ port: 'aaa' })], { runId: 'alone' });
  t.strictSame(
    certify(alone, both).columns.map(({ mode }) => mode),
    ['full_eval', 'lite_infer', 'judge infer'],
  );
});

const command = ['merge', 'a', 'b'];

t.test('ports of a merged run are the ports that they were', async (t) => {
  const merged = makeResult([makeCase({ port: 'ort@a' }), faultyCase({ port: 'ort@b' })], { command });
  t.match(certify(merged).cells, [{ port: 'ort', verdict: 'fail', parts: [{}, {}] }]);
});

t.test('what fails a run beside its cases fails the places of a merged run, too', async (t) => {
  const merged = [makeCase({ port: 'ort@a' }), makeCase({ port: 'ort@b' })];
  t.match(certify(makeResult(merged, { command, baseline: worseBaseline() })).cells, [
    { port: 'ort', verdict: 'fail' },
  ]);
  const stale = { state: 'stale', note: 'it is stale', port: 'ort', bundle: 'segnext-t' };
  const waivers = [stale] as unknown as NonNullable<Result['waivers']>;
  t.match(certify(makeResult(merged, { command, waivers })).cells, [{ verdict: 'fail', reasons: ['it is stale'] }]);
  const nobodys = [{ ...stale, port: 'orrt' }] as unknown as NonNullable<Result['waivers']>;
  t.match(certify(makeResult([makeCase()], { waivers: nobodys })).cells, [{ verdict: 'fail' }], 'of no case at all');
});

t.test('weights of goldens that are others now are not claimed', async (t) => {
  const goldens = { madeBy: 'x', caseSha256: 'f'.repeat(64) };
  t.strictSame(certify(makeResult([makeCase({ goldens })])).cells[0]!.parts[0]!.weights, []);
});

t.test('a TIPC mode fills a place for each port and device, and says what was reduced', async (t) => {
  const lacking = makeStep({
    number: 2,
    kind: 'infer',
    verdict: 'not-run',
    reason: 'no GPU is there',
    lack: 'gpu',
    ran: null,
    engine: null,
    deviceAsked: 'gpu',
    deviations: [],
    artefacts: [],
  });
  const { cells, models, columns } = certify(makeTipcResult([makeStep(), lacking, makeStep({ port: 'tfjs' })]));
  t.strictSame(models, ['segnext']);
  t.strictSame(
    columns.map(({ mode, port, device }) => `${mode} ${port} ${device}`),
    ['lite_train_lite_infer ort cpu', 'lite_train_lite_infer ort gpu', 'lite_train_lite_infer tfjs cpu'],
  );
  t.match(cells, [
    {
      verdict: 'pass',
      deviations: ['2 iterations run, of 20'],
      parts: [{ name: 'ort/1-train', golden: null, weights: [{ name: 'best_model/model.pdparams' }] }],
    },
    {
      verdict: 'not-run',
      reasons: ['ort/2-infer: no GPU is there'],
      deviations: { length: 0 },
      engines: { length: 0 },
    },
    { verdict: 'pass' },
  ]);
});

t.test('ports of one scope are places of their own', async (t) => {
  const ports = ['./node_modules/@acme/one.mjs', './node_modules/@acme/two.mjs'];
  const { cells } = certify(makeResult(ports.map((port) => makeCase({ port }))));
  t.strictSame(
    cells.map(({ port }) => port),
    ports,
  );
});
