import { join } from 'node:path';
import { type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import type { OptimizerState } from '../../harness/contract/port.js';
import { parsePickle } from '../../harness/golden/pickle.js';
import { PickledArray, type PickleValue } from '../../harness/golden/pickle-value.js';
import { renderPdparams } from '../../harness/golden/render-pdparams.js';
import { type Picklable, renderPickle } from '../../harness/golden/render-pickle.js';
import { UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';
import { refuseLfsPointer } from '../../harness/support/lfs-pointer.js';
import { parseJson } from '../../harness/support/parse-json.js';
import { readPlain } from '../../harness/support/plain-file.js';

/** All that a training that goes on needs beside its yml: weights, what the optimizer keeps, and where the loop was. */
export interface TrainingState {
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  readonly optimizer: OptimizerState;
  readonly learningRate: number;
  readonly loop: LoopState;
}

/** Plain values, written as JSON. */
export interface LoopState {
  readonly seed: number;
  /** Of this port: another one rounds otherwise, so that a resumed training would not be the same. */
  readonly port: string;
  readonly pretrained: string;
  readonly bestMiou: number;
  readonly bestIteration: number;
  readonly worseEvaluations: number;
  readonly lossSum: number;
  readonly lossCount: number;
  /** Of the checkpoint's own evaluation; null where there was none. */
  readonly mIoU: number | null;
  readonly Acc: number | null;
}

/** The files of a checkpoint, by PaddleSeg's names; `paddle.load` reads each. */
export function renderCheckpoint({ weights, optimizer, learningRate, loop }: TrainingState): Map<string, Uint8Array> {
  const { steps, slots } = optimizer;
  const moments = new Map<string, Picklable>([...slots].map(([name, array]) => [paddleName(name), array]));
  const scheduler = new Map<string, Picklable>([
    ['last_epoch', steps],
    ['last_lr', learningRate],
  ]);
  const states = new Map<string, Picklable>([
    ['iter', steps],
    ...(loop.mIoU === null ? [] : [['mIoU', loop.mIoU] as const]),
    ...(loop.Acc === null ? [] : [['Acc', loop.Acc] as const]),
    ['tipcheck', JSON.stringify(loop)],
  ]);
  return new Map([
    ['model.pdparams', renderPdparams(weights)],
    ['model.pdopt', renderPickle(new Map<string, Picklable>([...moments, ['LR_Scheduler', scheduler]]))],
    ['model.pdstates', renderPickle(states)],
  ]);
}

/**
 * What `renderCheckpoint` wrote, the weights aside.
 * @throws UserError for a missing file and for one that another program wrote: it does not say where the loop was
 */
export async function readTrainingState(folder: string): Promise<Omit<TrainingState, 'weights' | 'learningRate'>> {
  const states = await readDict(join(folder, 'model.pdstates'));
  const text = states.get('tipcheck');
  const steps = states.get('iter');
  if (typeof text !== 'string' || typeof steps !== 'number' || !(Number.isSafeInteger(steps) && steps >= 0))
    throw new UserError(
      `Cannot resume from ${folder}: its model.pdstates does not say where the training was; a checkpoint that tipcheck train wrote is wanted`,
    );
  const slots = new Map<string, Float32NdArray>();
  for (const [name, value] of await readDict(join(folder, 'model.pdopt'))) {
    if (typeof name !== 'string' || !(value instanceof PickledArray)) continue;
    const { shape = [], data } = value.array ?? {};
    if (!(data instanceof Float32Array))
      throw new UserError(`Cannot resume from ${folder}: ${name} of model.pdopt is not float32; float32 is wanted`);
    slots.set(slotName(name), float32NdArray(shape, data));
  }
  return { optimizer: { steps, slots }, loop: parseLoop(text, folder) };
}

/** One bad byte of the file may make anything of it. */
function parseLoop(text: string, folder: string): LoopState {
  const loop = readJson(text);
  const wrong = Object.entries(fieldTypes).find(
    ([field, types]) => !types.includes(loop?.[field] === null ? 'null' : typeof loop?.[field]),
  );
  if (loop !== null && wrong === undefined) return loop as unknown as LoopState;
  const what = loop === null ? 'what it says of the training is not JSON' : `its ${wrong![0]} is not a ${wrong![1][0]}`;
  throw new UserError(
    `Cannot resume from ${folder}: its model.pdstates is damaged (${what}); a checkpoint that tipcheck train wrote is wanted. Fix: an earlier checkpoint`,
  );
}

const fieldTypes: Readonly<Record<keyof LoopState, readonly string[]>> = {
  seed: ['number'],
  port: ['string'],
  pretrained: ['string'],
  // JSON has no NaN: of a training that went astray it is null.
  bestMiou: ['number', 'null'],
  bestIteration: ['number'],
  worseEvaluations: ['number'],
  lossSum: ['number', 'null'],
  lossCount: ['number'],
  mIoU: ['number', 'null'],
  Acc: ['number', 'null'],
};

function readJson(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = parseJson(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Paddle's `<parameter>_moment1_0` for our `<parameter>/moment1`. */
function paddleName(slot: string): string {
  return `${slot.replace('/', '_')}_0`;
}

function slotName(name: string): string {
  return name.replace(/_([a-z0-9]+)_0$/, '/$1');
}

async function readDict(path: string): Promise<Map<PickleValue, PickleValue>> {
  let bytes: Uint8Array;
  try {
    bytes = await readPlain(path);
  } catch (error) {
    const why = whyUnread(error, path);
    throw new UserError(`Cannot resume from ${path}: ${why}; a checkpoint that tipcheck train wrote is wanted`);
  }
  refuseLfsPointer(bytes, path);
  const value = parsePickle(bytes, path);
  if (value instanceof Map) return value;
  throw new UserError(`Cannot resume from ${path}: it holds no dict; a checkpoint that tipcheck train wrote is wanted`);
}
