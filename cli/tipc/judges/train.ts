import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelSection, readPaddleSegConfig } from '../../../harness/config/paddleseg-yml.js';
import { messageOf } from '../../../harness/support/errors.js';
import { findModel } from '../../../models/registry.js';
import { readModelWeights } from '../../export-weights.js';
import type { TrainRecord } from '../../run-train.js';
import { readArtefacts } from '../artefacts.js';
import { optionOf } from '../command-arguments.js';
import type { Translation } from '../translate-step.js';
import { check, checkDevice, type Judgement } from './judgement.js';

/** The first iterations of a training warm up: they are not timed where there are more. */
const skippedWindows = 1;

/** What a training must have done: as many iterations as asked, a loss that is finite and moves, weights that load strictly. */
export async function judgeTraining(translation: Translation, startedAtMs: number): Promise<Judgement> {
  const { step, args, device, record: path } = translation;
  const record: TrainRecord = JSON.parse(await readFile(path, 'utf8'));
  const config = optionOf(args!, '--config')!;
  const asked = await askedIterations(args!, config);
  const { expected, otherwise } = checkpointsOf(translation, asked);
  const checkpoint = existsSync(expected) ? expected : otherwise;
  const { artefacts, check: files } = await readArtefacts([checkpoint], startedAtMs);
  const evaluates = args!.includes('--do_eval');
  const best = record.mIoUs.at(-1);
  return {
    engine: record.engine,
    artefacts,
    checks: [
      files,
      checkDevice(record.engine, device),
      check(
        'ranks',
        record.ranks === step.row.ranks,
        `${record.ranks} trained together; ${step.row.ranks} were asked for`,
      ),
      check(
        'iterations',
        record.iterations === asked && record.losses.length === asked,
        `${record.iterations} were made; ${asked} were asked for`,
      ),
      ...checkLosses(record.losses),
      await checkWeights(checkpoint, config),
      ...(evaluates
        ? [
            check(
              'evaluation',
              best !== undefined && best >= 0 && best <= 1 && checkpoint === expected,
              best === undefined
                ? '--do_eval is given, and nothing was evaluated'
                : `mIoU ${best.toFixed(4)}; ${checkpoint === expected ? 'the best model was saved' : `there is no ${expected}`}`,
            ),
          ]
        : []),
    ],
    figures: figuresOf(record),
  };
}

/** Where the row's checkpoint is, and where it is for this row alone where the trainer wrote no best_model. */
function checkpointsOf({ step, folder }: Translation, iterations: number): { expected: string; otherwise: string } {
  const last = `iter_${iterations}/model.pdparams`;
  const expected = step.checkpoint?.expected ?? last;
  return {
    expected: join(folder, expected === step.checkpoint?.otherwise ? last : expected),
    otherwise: join(folder, last),
  };
}

async function askedIterations(args: readonly string[], config: string): Promise<number> {
  const given = optionOf(args, '--iters');
  if (given !== null) return Number(given);
  const { iters } = (await readPaddleSegConfig(config)).values;
  return Number(iters);
}

/** Of NaN and Inf, JSON keeps null. */
function checkLosses(losses: readonly (number | null)[]) {
  const finite = losses.filter((loss) => loss !== null && Number.isFinite(loss));
  const [first, last] = [losses[0] ?? Number.NaN, losses.at(-1) ?? Number.NaN];
  const moves = new Set(finite).size > 1;
  return [
    check(
      'loss is finite',
      losses.length > 0 && finite.length === losses.length,
      `${finite.length} of ${losses.length} losses are finite`,
    ),
    check(
      'loss moves',
      moves,
      moves
        ? `from ${first.toFixed(4)} to ${last.toFixed(4)}`
        : losses.length === 1
          ? 'one iteration has nothing to move from; at least 2 are wanted'
          : `it is ${first} in every iteration`,
    ),
  ];
}

/** Every tensor of the model, of its shape, and finite; and none beside. */
async function checkWeights(path: string, config: string) {
  try {
    const section = modelSection(await readPaddleSegConfig(config));
    const definition = await findModel(section);
    const parameters = definition.parameters(definition.parse(section));
    const weights = await readModelWeights(path, parameters);
    const odd = [...weights].find(([, { data }]) => !data.every(Number.isFinite));
    return check(
      'weights',
      odd === undefined,
      odd === undefined
        ? `all ${weights.size} tensors of the model are there and finite`
        : `${odd[0]} holds NaN or Inf`,
    );
  } catch (error) {
    return check('weights', false, messageOf(error));
  }
}

function figuresOf({ losses, mIoUs, windows, batchSize, peakRssMb, iterations }: TrainRecord): Record<string, number> {
  const timed = windows.length > skippedWindows ? windows.slice(skippedWindows) : windows;
  const mean = (pick: (window: TrainRecord['windows'][number]) => number) =>
    timed.reduce((sum, window) => sum + pick(window), 0) / timed.length;
  return {
    iterations,
    ...(losses.length === 0 ? {} : { 'first loss': losses[0]!, 'last loss': losses.at(-1)! }),
    ...(mIoUs.length === 0 ? {} : { mIoU: mIoUs.at(-1)! }),
    ...(timed.length === 0
      ? {}
      : {
          'batch cost (s)': mean(({ batchCost }) => batchCost),
          'reader cost (s)': mean(({ readerCost }) => readerCost),
          'ips (samples/s)': batchSize / mean(({ batchCost }) => batchCost),
        }),
    'peak memory (MB)': peakRssMb,
  };
}
