import { join } from 'node:path';
import t from 'tap';
import { readSuite } from '../harness/config/suite.js';
import { readEvalGolden } from '../harness/golden/read-eval-golden.js';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { newConfusion } from '../harness/metrics/confusion.js';
import type { CaseResult } from '../harness/result/result.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { packageRoot } from '../harness/support/package-root.js';
import { planEvaluation } from '../pipeline/config/evaluation-plan.js';
import { readPair } from '../pipeline/data/read-pair.js';
import { measureSegmentation } from '../pipeline/evaluate/measure-segmentation.js';
import { resizeNearest } from '../pipeline/image/resize-nearest.js';
import { inferImage } from '../pipeline/infer/infer-image.js';
import { addPlanes, flipPlanes, type Planes } from '../pipeline/infer/planes.js';
import { type BrokenSteps, createEvaluator } from '../pipeline/tools/evaluator.js';
import { readPaddleSegConfig } from '../pipeline/yml/paddleseg-yml.js';

t.setTimeout(600_000);

const { limits } = readSuite(join(packageRoot, 'suites', 'segnext', 'full-eval.yaml'));
const golden = await readEvalGolden('street');
const { recipe } = await planEvaluation(await readPaddleSegConfig(golden.configPath), golden.datasetRoot);
const truths: Uint8Array[] = [];
for (const index of golden.images.keys()) truths.push((await readPair(recipe.dataSet, index)).label!.data);

interface Fault {
  readonly mode: string;
  readonly steps?: BrokenSteps;
  /** A bug of the port. */
  readonly bug?: string;
  /** What the judge names first. */
  readonly found: RegExp;
}

/** Bugs of an evaluation, as people write them. Each turns full-eval red in the place that holds it. */
const faults: Readonly<Record<string, Fault>> = {
  'the other align_corners': { mode: 'single', bug: 'align-corners', found: /^single\/0\/logits$/ },
  'blue for red': {
    mode: 'single',
    steps: { infer: (network, image, ...rest) => inferImage(network, swapRedAndBlue(image), ...rest) },
    found: /^single\/0\/logits$/,
  },
  'probabilities averaged in place of logits': {
    mode: 'flip',
    steps: { infer: (network, ...rest) => inferImage(async (image) => softmax(await network(image)), ...rest) },
    found: /^flip\/0\/logits$/,
  },
  'a flip that is not turned back': {
    mode: 'flip',
    steps: {
      async infer(network, image) {
        const { data, ...size } = await network(image);
        const sum: Planes = { ...size, data: data.slice() };
        addPlanes(sum, await network(flipPlanes(image, leftToRight)), { horizontal: false, vertical: false });
        const { height, width } = image;
        return { ...sum, height, width, terms: [{ planes: sum, through: [image] }], divisor: 2 };
      },
    },
    found: /^flip\/0\/logits$/,
  },
  'windows that are a pixel too wide': {
    mode: 'slide',
    steps: {
      test: ({ windows, ...rest }) => ({
        ...rest,
        windows: { cropSize: [windows!.cropSize[0] + 1, windows!.cropSize[1]], stride: windows!.stride },
      }),
    },
    found: /^slide\/0\/logits$/,
  },
  'labels that went through half their size': {
    mode: 'single',
    steps: { count: ({ index, labels }) => count(halveAndDouble(truths[index]!, index), labels) },
    found: /^single\/confusion$/,
  },
  'ignored pixels counted': {
    mode: 'single',
    steps: {
      count: ({ index, labels }) =>
        count(
          truths[index]!.map((label) => (label === 255 ? 0 : label)),
          labels,
        ),
    },
    found: /^single\/confusion$/,
  },
  'an absent class that counts 0': {
    mode: 'single',
    steps: { measure: (confusion) => measureSegmentation(confusion, 0) },
    found: /^single\/metrics$/,
  },
  'an absent class that is left out': {
    mode: 'single',
    steps: { measure: (confusion) => measureSegmentation(confusion, 'skip') },
    found: /^single\/metrics$/,
  },
};

const leftToRight = { horizontal: true, vertical: false };

for (const [what, { mode, steps, bug, found }] of Object.entries(faults))
  t.test(`full-eval is red with ${what}`, async (t) => {
    const judged = await judge(mode, steps, bug);
    t.equal(judged.verdict, 'fail', judged.reason ?? '');
    t.match(judged.firstFault, found);
  });

t.test('with none of them it is green', async (t) => {
  const judged = await judge('single', { count: ({ index, labels }) => count(truths[index]!, labels) });
  t.equal(judged.verdict, 'pass', judged.reason ?? '');
});

async function judge(mode: string, steps: BrokenSteps = {}, bug?: string): Promise<CaseResult> {
  const port = { ...resolvePort('ort'), settings: bug === undefined ? {} : { bug } };
  const goldens = [{ ...golden, modes: golden.modes.filter(({ name }) => name === mode) }];
  const evaluations = { goldens, evaluator: createEvaluator(steps) };
  const [found] = await runPlan(planRun({ ports: [port], bundles: [], evaluations, device: 'cpu', limits }));
  return found!;
}

function swapRedAndBlue(image: Planes<Float32Array>): Planes<Float32Array> {
  const plane = image.height * image.width;
  const data = image.data.slice();
  data.copyWithin(0, 2 * plane, 3 * plane);
  data.set(image.data.subarray(0, plane), 2 * plane);
  return { ...image, data };
}

function softmax({ channels, height, width, data }: Planes): Planes<Float32Array> {
  const plane = height * width;
  const shares = new Float32Array(data.length);
  for (let p = 0; p < plane; p++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += Math.exp(data[c * plane + p]!);
    for (let c = 0; c < channels; c++) shares[c * plane + p] = Math.exp(data[c * plane + p]!) / sum;
  }
  return { channels, height, width, data: shares };
}

function halveAndDouble(label: Uint8Array, index: number): Uint8Array {
  const { height, width } = golden.images[index]!;
  const half = resizeNearest({ height, width, channels: 1, data: label }, height / 2, width / 2);
  return resizeNearest(half, height, width).data;
}

function count(truth: Uint8Array, labels: Uint8Array) {
  const confusion = newConfusion(golden.classNames.length);
  for (const [p, label] of truth.entries())
    if (label !== 255) confusion.counts[label * confusion.classes + labels[p]!]! += 1;
  return confusion;
}
