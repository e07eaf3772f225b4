import { join } from 'node:path';
import t, { type Test } from 'tap';
import { argmax, testConfusion, testLogits, writeEvalGolden } from '../golden/eval-golden-for-tests.js';
import { type EvalMetrics, type GoldenPrediction, readEvalGolden } from '../golden/read-eval-golden.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { confusionOf } from '../metrics/confusion.js';
import { evalFigures } from '../metrics/eval-figures.js';
import type { Evaluator } from './evaluator.js';
import { executeEvaluation } from './execute-evaluation.js';
import { judgeEvaluation } from './judge-evaluation.js';

const limits = {
  accumulated: null,
  own: null,
  shippedAgreement: null,
  miouEquivalence: { bound: 0.001, because: 'a test wants some bound here' },
};

/** Of the golden: the four that PaddleSeg prints, and any number of each other figure. */
const figures = {
  ...Object.fromEntries(evalFigures.map(({ name }) => [name, 0.75])),
  ...{ mIoU: 0.7, Acc: 0.8, Kappa: 0.7, Dice: 0.8 },
};

const withFigures = ({ modes }: Record<string, unknown>) => Object.assign((modes as object[])[0]!, figures);

/** An evaluation that gives the golden's own numbers, but for what `spoil` does to an image's logits. */
function evaluator(spoil: (logits: Float32Array, index: number) => void, options: Spoiled = {}): Evaluator {
  return {
    async load() {
      return {
        loadMs: 1,
        async run(mode, onImage) {
          for (const index of mode.images.keys()) {
            if (index === options.skip) continue;
            const { logits } = testLogits(index);
            spoil(logits, index);
            const labels = argmax(logits);
            options.relabel?.(labels, index);
            const confusion = confusionOf(testConfusion(index, labels));
            onImage({ index, logits, labels, confusion });
          }
        },
        measure: () => ({ ...figures, ...options.metrics }),
        async draw({ index, mode, changed }) {
          const png = 'data:image/png;base64,';
          const image = `image-${index}.png`;
          return {
            image,
            mode,
            input: png,
            truth: png,
            expected: png,
            actual: png,
            difference: png,
            colours: [],
            changed,
          };
        },
      };
    },
  };
}

function scale(logits: Float32Array, factor: number): void {
  for (const [at, value] of logits.entries()) logits[at] = value * factor;
}

interface Spoiled {
  readonly skip?: number;
  readonly metrics?: Partial<EvalMetrics>;
  readonly relabel?: (labels: Uint8Array, index: number) => void;
}

const host = { dispose: async () => ({ durationMs: 0, buildMs: 0, peakRssMb: 1 }) } as unknown as PortHost;

async function judge(t: Test, images: number, given: Evaluator) {
  const folder = join(t.testdir(), 'golden');
  await writeEvalGolden(folder, images, withFigures);
  const golden = await readEvalGolden(folder);
  return judgeEvaluation(golden, await executeEvaluation(host, golden, given, () => undefined), limits);
}

t.test('the golden itself passes, and every image is compared', async (t) => {
  const found = await judge(
    t,
    8,
    evaluator(() => undefined),
  );
  t.equal(found.verdict, 'pass');
  t.equal(found.firstFault, null);
  t.equal(found.measurements.length, 8 * 2 + 3);
  t.match(found.evaluation.modes[0], { changed: 0, unexplained: 0, pixels: 8 * 24, maxLogitError: 0 });
  t.equal(found.evaluation.pictures.length, 4);
});

t.test('an error of the size of the noise passes', async (t) => {
  const found = await judge(
    t,
    8,
    evaluator((logits) => scale(logits, 1 + 1e-6)),
  );
  t.equal(found.verdict, 'pass');
});

t.test('with fewer than eight images nothing can be said of the mIoU: not run, never a pass', async (t) => {
  const found = await judge(
    t,
    7,
    evaluator(() => undefined),
  );
  t.equal(found.verdict, 'not-run');
  t.match(found.reason, /7 images are too few to say/);
});

t.test('logits beyond the limit fail by their name', async (t) => {
  const found = await judge(
    t,
    8,
    evaluator((logits, index) => scale(logits, index === 3 ? 1 + 1e-4 : 1)),
  );
  t.equal(found.verdict, 'fail');
  t.equal(found.firstFault, 'single/3/logits');
});

t.test('one NaN among the logits fails, wherever it is', async (t) => {
  for (const at of [0, 17, 71]) {
    const found = await judge(
      t,
      8,
      evaluator((logits, index) => {
        if (index === 0) logits[at] = Number.NaN;
      }),
    );
    t.match(found.measurements[0], { name: 'single/0/logits', verdict: 'fail', reason: /1 of the logits are NaN/ });
  }
});

t.test('a pixel that changes class without an error of the logits fails, with its place', async (t) => {
  const found = await judge(
    t,
    8,
    evaluator(() => undefined, {
      relabel: (labels, index) => {
        if (index === 2) labels[13] = (labels[13]! + 1) % 3;
      },
    }),
  );
  t.equal(found.verdict, 'fail');
  t.equal(found.firstFault, 'single/2/labels');
  const labels = found.measurements.find(({ name }) => name === 'single/2/labels');
  t.match(labels?.reason, /1 pixels of image-2\.png changed class for no reason .* first row 2, column 1/);
  t.match(found.evaluation.modes[0], { changed: 1, unexplained: 1 });
  t.match(found.evaluation.pictures[0], { image: 'image-2.png', changed: 1 });
});

t.test('a wrong confusion matrix fails where logits and labels agree', async (t) => {
  const honest = evaluator(() => undefined);
  const miscounting: Evaluator = {
    async load(host, golden) {
      const loaded = await honest.load(host, golden);
      const run: typeof loaded.run = (mode, onImage) =>
        loaded.run(mode, (image) => {
          const counts = image.confusion.counts.slice();
          if (image.index === 5) counts[0]! += 1;
          onImage({ ...image, confusion: { ...image.confusion, counts } });
        });
      return { ...loaded, run };
    },
  };
  const found = await judge(t, 8, miscounting);
  t.equal(found.verdict, 'fail');
  t.equal(found.firstFault, 'single/confusion');
});

t.test('a figure that is not the golden fails by its name, NaN too', async (t) => {
  for (const [metrics, reason] of [
    [{ mIoU: 0.70002 }, "mIoU is 0.70002; the golden's 0.7 ± 0.00001 is wanted"],
    [{ Dice: Number.NaN }, "Dice is NaN; the golden's 0.8 ± 0.00001 is wanted"],
  ] as const) {
    const found = await judge(
      t,
      8,
      evaluator(() => undefined, { metrics }),
    );
    t.equal(found.verdict, 'fail');
    t.equal(found.firstFault, 'single/metrics');
    t.equal(found.measurements.find(({ name }) => name === 'single/metrics')?.reason, reason);
  }
});

t.test('an image that was not evaluated is an error, not a pass', async (t) => {
  await t.rejects(
    judge(
      t,
      8,
      evaluator(() => undefined, { skip: 6 }),
    ),
    /Cannot judge test-golden, mode single: image-6\.png was not evaluated; all 8 images are wanted/,
  );
});

t.test('where no logits say anything, nothing was compared, though labels and mIoUs are the same', async (t) => {
  const folder = join(t.testdir(), 'golden');
  await writeEvalGolden(folder, 8, withFigures);
  const golden = await readEvalGolden(folder);
  const honest = evaluator(() => undefined);
  const judgeWith = async (change: Partial<GoldenPrediction>) => {
    const modes = golden.modes.map((mode) => ({
      ...mode,
      images: mode.images.map((image) => ({ ...image, ...change })),
    }));
    const changed = { ...golden, modes };
    return judgeEvaluation(changed, await executeEvaluation(host, changed, honest, () => undefined), limits);
  };
  for (const [what, change] of [
    ['a noise of a quarter', { noise: { relRms: 0.25, maxOverRms: 2 } }],
    ['an rms that is not the logits’', { logitsRms: 1e30 }],
  ] as const) {
    const found = await judgeWith(change);
    t.equal(found.verdict, 'fail', what);
    t.match(found.reason, /^no informative logits were compared in mode single: its (noise|rms), /, what);
    t.equal(found.firstFault, null);
    t.match(found.measurements[0], { name: 'single/0/logits', verdict: 'uninformative', reason: /^its / });
  }
  t.equal((await judgeWith({ noise: { relRms: 0.249, maxOverRms: 2 } })).verdict, 'pass');
});
