import { goldensId } from '../golden/list-shipped.js';
import { figuresOf, kindNamed, kindOfName, limitsId, uninformativeLimits } from '../kinds/index.js';
import type { CaseResult, Measurement, ModeResult, OwnError, Shipped } from '../result/record/case-result.js';
import type { BaselineResult, Result } from '../result/record/result.js';
import type { StepResult } from '../result/record/tipc-run.js';
import { summariseSteps } from '../run/summarise-steps.js';

/** Small results made by hand, for the tests of the reporters. */

export function makeResult(cases: readonly CaseResult[], changes: Partial<Result> = {}): Result {
  const failing = cases.find(({ verdict }) => verdict !== 'pass');
  return {
    format: 'tipcheck-result/2',
    runId: '20261122-142530-4711',
    tipcheckVersion: '0.2.0',
    startedAt: '2026-11-22T14:25:30.000Z',
    durationMs: 94_512,
    command: ['judge', 'ort', 'segnext-t'],
    machine: { platform: 'linux x64', cpu: 'A processor', cores: 2, memoryGb: 24, node: 'v20.11.0' },
    limits: limitsId,
    goldens: goldensId,
    suite: null,
    verdict: failing?.verdict ?? 'pass',
    summary: failing === undefined ? 'Every case agrees.' : `${failing.id} does not agree.`,
    partial: false,
    cases,
    ...changes,
  };
}

export function makeCase(changes: Partial<CaseResult> = {}): CaseResult {
  const port = changes.port ?? 'ort';
  const bundle = changes.bundle ?? 'segnext-t';
  return {
    id: `${port}/${bundle}`,
    port,
    bundle,
    phase: 'infer',
    model: 'SegNeXt MSCAN_T',
    inputShape: [1, 3, 48, 64],
    verdict: 'pass',
    reason: null,
    engine: {
      engine: 'onnxruntime-node',
      version: '1.26.0',
      device: 'cpu',
      provider: 'CPUExecutionProvider',
      tf32: 'not applicable',
      details: { threads: '2' },
    },
    firstFault: null,
    firstFaultBy: null,
    measurements: [makeMeasurement('backbone.norm1'), makeMeasurement('decode_head.align'), makeMeasurement('logits')],
    fault: null,
    shipped: makeShipped(),
    meaning: { pixels: 3072, changed: 0, canChange: 2, unexplained: 0, maxLogitError: 3.2e-6, smallestMargin: 8.1e-7 },
    timing: { startMs: 812, loadMs: 230, plainMs: 640, ownMs: 655, shippedMs: 120, judgeMs: 93, peakRssMb: 512 },
    goldens: { madeBy: 'paddlepaddle 3.3.1', caseSha256: '0123456789abcdef'.repeat(4) },
    ...changes,
  };
}

/** Multiples of the noise, in place of figures. */
interface TimesForTests {
  readonly noiseRatio?: number | null;
  readonly maxRatio?: number | null;
}

/** Its kind is that of its name. */
export function makeMeasurement(
  name: string,
  { noiseRatio = 1.3, maxRatio = 1.4, ...changes }: Partial<Measurement> & TimesForTests = {},
): Measurement {
  const kind = changes.kind === undefined ? kindOfName(phaseOf(name), name)! : kindNamed(changes.kind);
  const limits = changes.verdict === 'uninformative' ? uninformativeLimits(kind) : kind.limits;
  const counted = Object.fromEntries(limits.map(({ figure }) => [figure, changes.verdict === 'fail' ? 1 : 0]));
  return {
    kind: kind.name,
    name,
    verdict: 'pass',
    reason: null,
    shape: [1, 32, 12, 16],
    compared: 6144,
    sampled: false,
    relRms: 3.9e-7,
    maxOverRms: 4.2e-6,
    figures: figuresOf({ limits }, { ...counted, rms: noiseRatio, largest: maxRatio, error: noiseRatio }),
    own: kind.phase === 'infer' ? makeOwn() : null,
    worst: { index: [0, 3, 4, 5], actual: 1.25, expected: 1.2500001 },
    ...changes,
  };
}

function phaseOf(name: string): CaseResult['phase'] {
  if (/^(lr|loss|grads|params|buffers)\//.test(name)) return 'train';
  return /\/(logits|labels|confusion|metrics|mIoU)$/.test(name) ? 'eval' : 'infer';
}

export function makeOwn({
  noiseRatio = 2.1,
  maxRatio = 1.9,
  ...changes
}: Partial<OwnError> & TimesForTests = {}): OwnError {
  const kind = kindNamed('own');
  const figures = figuresOf(kind, { rms: noiseRatio, largest: maxRatio });
  return { kind: kind.name, relRms: 1e-7, maxOverRms: 8e-7, figures, verdict: 'pass', reason: null, ...changes };
}

export function makeShipped(logits = makeMeasurement('logits'), apart: number | null = 0.2): Shipped {
  return { logits, kind: 'shipped', figures: figuresOf(kindNamed('shipped'), { apart }) };
}

/** The second layer is at fault; the third inherits. */
export function faultyCase(changes: Partial<CaseResult> = {}): CaseResult {
  const beyond = 'error is 412 × the noise; at most 4 × is wanted';
  return makeCase({
    verdict: 'fail',
    firstFault: 'decode_head.align',
    firstFaultBy: 'own',
    fault: { kind: 'forward', name: 'decode_head.align' },
    measurements: [
      makeMeasurement('backbone.norm1'),
      makeMeasurement('decode_head.align', {
        verdict: 'fail',
        reason: 'error is 380 × the noise; at most 4 × is wanted',
        noiseRatio: 380,
        own: makeOwn({ verdict: 'fail', noiseRatio: 412, reason: beyond }),
      }),
      makeMeasurement('logits', {
        verdict: 'fail',
        reason: 'error is 95 × the noise; at most 4 × is wanted',
        noiseRatio: 95,
      }),
    ],
    meaning: { pixels: 3072, changed: 57, canChange: 120, unexplained: 1, maxLogitError: 0.02, smallestMargin: 8.1e-7 },
    ...changes,
  });
}

/** So many layers at fault on their own, each with one that inherits from it. */
export function manyFaultsCase(count: number, changes: Partial<CaseResult> = {}): CaseResult {
  const reason = (times: number) => `error is ${times} × the noise; at most 4 × is wanted`;
  const pairs = Array.from({ length: count }, (_, at) => [
    makeMeasurement(`fault${at}`, {
      verdict: 'fail',
      reason: reason(40),
      noiseRatio: 40,
      own: makeOwn({ verdict: 'fail', noiseRatio: 30 + at, reason: reason(30 + at) }),
    }),
    makeMeasurement(`heir${at}`, { verdict: 'fail', reason: reason(20), noiseRatio: 20 }),
  ]);
  return makeCase({
    verdict: 'fail',
    firstFault: 'fault0',
    firstFaultBy: 'own',
    fault: { kind: 'forward', name: 'fault0' },
    measurements: [makeMeasurement('start'), ...pairs.flat()],
    ...changes,
  });
}

/** One probe is missing and one holds NaN; own errors could not be judged. */
export function missingCase(changes: Partial<CaseResult> = {}): CaseResult {
  const nothing = {
    compared: 0,
    relRms: null,
    maxOverRms: null,
    noiseRatio: null,
    maxRatio: null,
    own: null,
    worst: null,
  };
  return makeCase({
    verdict: 'fail',
    firstFault: 'decode_head.align',
    firstFaultBy: 'accumulated',
    fault: { kind: 'forward', name: 'decode_head.align' },
    measurements: [
      makeMeasurement('backbone.norm1', { own: null }),
      makeMeasurement('decode_head.align', {
        ...nothing,
        verdict: 'missing',
        reason: 'the port recorded no such probe',
      }),
      makeMeasurement('logits', { ...nothing, verdict: 'fail', reason: '17 of its elements are NaN or Inf' }),
    ],
    shipped: null,
    meaning: null,
    ...changes,
  });
}

export function errorCase(changes: Partial<CaseResult> = {}): CaseResult {
  return makeCase({
    verdict: 'error',
    reason: 'Cannot run port ort: it was killed by SIGKILL',
    engine: null,
    measurements: [],
    shipped: null,
    meaning: null,
    ...changes,
  });
}

/** Two classes, one of them absent, in one mode. */
export function evaluatedCase(changes: Partial<CaseResult> = {}, mode: Partial<ModeResult> = {}): CaseResult {
  const metrics = {
    mIoU: 0.6123,
    classIou: [0.9, null],
    confusion: [
      [90, 10],
      [0, 0],
    ],
  };
  const png = 'data:image/png;base64,AAAA';
  return makeCase({
    bundle: 'street',
    phase: 'eval',
    measurements: [makeMeasurement('single/0/logits'), makeMeasurement('single/mIoU', { noiseRatio: null })],
    shipped: null,
    meaning: null,
    evaluation: {
      classNames: ['road', 'sky'],
      images: 8,
      modes: [
        {
          name: 'single',
          verdict: 'pass',
          reason: null,
          pixels: 100,
          changed: 0,
          unexplained: 0,
          maxLogitError: 1e-6,
          actual: metrics,
          expected: metrics,
          presentClasses: 1,
          equivalence: { verdict: 'equivalent', interval: [0, 0], bound: 0.001 },
          durationMs: 812,
          ...mode,
        },
      ],
      pictures: [
        {
          image: 'a.png',
          mode: 'single',
          input: png,
          truth: png,
          expected: png,
          actual: png,
          difference: png,
          colours: ['#800000', '#008000'],
          changed: 0,
        },
      ],
    },
    ...changes,
  });
}

/** A step that trained, on the CPU, with fewer iterations than its file asks for. */
export function makeStep(changes: Partial<StepResult> = {}): StepResult {
  const { port = 'ort', number = 1, kind = 'train' } = changes;
  return {
    id: `${port}/${number}-${kind}`,
    port,
    number,
    kind,
    command: 'python3.7 tools/train.py --iters=20',
    ran: 'npx tipcheck train --iters 2',
    row: { gpu: '0' },
    verdict: 'pass',
    reason: null,
    lack: null,
    deviceAsked: 'cpu',
    engine: makeCase().engine,
    deviations: ['2 iterations run, of 20'],
    observed: [],
    notes: [],
    checks: [
      { name: 'loss', verdict: 'pass', found: 'it falls from 2.9 to 2.5', because: null, kind: null, figures: [] },
    ],
    figures: { lastLoss: 2.5, secondsAnIteration: 1.5 },
    artefacts: [{ path: 'out/best_model/model.pdparams', bytes: 10, sha256: 'b'.repeat(64) }],
    log: null,
    record: null,
    durationMs: 4000,
    estimate: null,
    ...changes,
  };
}

/** A run of a TIPC mode that recorded nothing of what it stands on, as version 1 could. */
export function makeTipcResult(steps: readonly StepResult[], changes: Partial<Result> = {}): Result {
  const verdict = steps.find((step) => step.verdict !== 'pass')?.verdict ?? 'pass';
  const tipc = {
    file: 'segnext/train_infer_python.txt',
    fileSha256: 'c'.repeat(64),
    model: 'segnext',
    mode: 'lite_train_lite_infer',
    deviations: [...new Set(steps.flatMap(({ deviations }) => deviations))],
    allowed: [],
    required: [],
    ...{ ports: [], startFolder: null, commit: null, params: null, inputs: null, files: null },
    planned: steps.map(({ id }) => id),
    steps,
  };
  const ids = { tipcheckVersion: '0.1.0', limits: 'limits/1', goldens: 'goldens/1' };
  return makeResult([], { verdict, ...ids, summary: summariseSteps(tipc), tipc, ...changes });
}

/** Beside an earlier run, one figure grew and one case could not be told. */
export function worseBaseline(changes: Partial<BaselineResult> = {}): BaselineResult {
  const nothing = { probe: null, figure: null, actual: null, expected: null };
  return {
    runId: '20261121-101010-12',
    startedAt: '2026-11-21T10:10:10.000Z',
    factor: 2,
    because: 'a test',
    floor: { rms: 1, largest: 2 },
    verdict: 'fail',
    compared: 40,
    findings: [
      {
        case: 'ort/segnext-t',
        probe: 'logits',
        what: 'worse',
        figure: 'accumulated',
        actual: 2.9,
        expected: 1.1,
        reason: '2.9 × the noise; it was 1.1 ×, and at most 2.2 × is wanted',
      },
      {
        ...nothing,
        case: 'tfjs/segnext-t',
        what: 'inconclusive',
        reason: 'the CPU is another: A; that of the baseline is B',
      },
    ],
    ...changes,
  };
}

/**
 * Text that breaks every format that does not escape: markup, quotes, backticks, table bars, TAP directives, control
 * characters.
 */
export const nastyName = '</script><b>&"\'`|# TODO \\ \u0000\u001b[31mred\u001b[0m\n]]>';
