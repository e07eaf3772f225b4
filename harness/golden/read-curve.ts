import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { elementCount, float32NdArray, type NdArray } from '../contract/nd-array.js';
import { codeOf, UserError } from '../support/errors.js';
import { packageRoot } from '../support/package-root.js';
import { parseUserJson } from '../support/parse-json.js';
import { packageSchema } from '../support/schema.js';
import { suggest } from '../support/suggest.js';
import type { Bundle, TrainingStep } from './bundle.js';
import { isBuffer, uniform } from './seeded.js';

/** Short names of the loss curves under fixtures/curves of the package, sorted. */
export function listShippedCurves(): readonly string[] {
  return readdirSync(curvesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * A loss curve (`loss-curve/1`, fixtures/README.md) as a train bundle without tensors: learning rates and losses are
 * judged, each loss by its own step of the envelope. All its inputs are seeded numbers; those of the first and the last
 * step are proven by hash.
 * @param given the curve itself, in place of what the file says; for tests
 * @throws UserError that names the file and what is wrong
 */
export function readCurve(name: string, given?: Curve): Bundle {
  const folder = join(curvesFolder, name);
  const text = readText(folder, name);
  const curve = given ?? parseCurve(text, folder);
  const steps = Array.from({ length: curve.iters }, (_, at) => makeStep(curve, at));
  validateHashes(curve, steps, folder);
  const parameters = new Map(Object.entries(curve.parameters));
  const statistics = [...parameters].filter(([parameter]) => isBuffer(parameter));
  return {
    format: 'golden-bundle/1',
    id: curve.id,
    folder,
    caseSha256: createHash('sha256').update(text).digest('hex'),
    phase: 'train',
    model: curve.model,
    reference: 'paddle',
    parameters,
    weights: [
      { kind: 'seeded', seed: curve.seed },
      { kind: 'arrays', arrays: new Map(statistics.map(([key, shape]) => [key, initialStatistic(key, shape)])) },
    ],
    inputs: new Map(),
    outputs: [],
    draws: new Map(),
    probes: [],
    train: {
      optimizer: curve.optimizer,
      lrScheduler: curve.lr_scheduler,
      loss: curve.loss,
      iters: curve.iters,
      steps,
      lossNoise: 'of each step',
      expect: {
        lr: curve.lr,
        loss: curve.losses.map((value, at) => ({ value, noise: curve.envelope[at]!, noiseAt: new Map() })),
        grads: [],
        params: [],
        buffers: [],
      },
    },
    madeBy: curve.made_by,
  };
}

/** A curve.json. */
export interface Curve {
  readonly id: string;
  readonly seed: number;
  readonly input: {
    readonly batch: number;
    readonly height: number;
    readonly width: number;
    readonly ignored: number;
    readonly batches: number;
  };
  readonly iters: number;
  readonly optimizer: Readonly<Record<string, unknown>>;
  readonly lr_scheduler: Readonly<Record<string, unknown>>;
  readonly loss: Readonly<Record<string, unknown>>;
  readonly model: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly draws: Readonly<Record<string, { readonly shape: readonly number[]; readonly keep?: number }>>;
  readonly lr: readonly number[];
  readonly losses: readonly number[];
  readonly envelope: readonly number[];
  readonly sha256: Readonly<Record<string, string>>;
  readonly made_by: Readonly<Record<string, unknown>>;
}

const schema = packageSchema('harness/golden/curve.schema.json');
const curvesFolder = join(packageRoot, 'fixtures', 'curves');
/** Seeds of one step's draws and of one batch's data lie this far apart (fixtures/README.md). */
const seedStride = 1000;
/** Multiples of the envelope that are allowed (metrics/agreement.ts). */
const lossFactor = 8;
/** Labels are blocks of this many pixels a side. */
const blockSide = 8;

function readText(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, 'curve.json'), 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    const shipped = listShippedCurves();
    throw new UserError(
      `Cannot read the loss curve ${name}: there is none; one of ${shipped.join(', ')} is wanted.${suggest(name, shipped)}`,
    );
  }
}

/** Parses and validates the text of a curve.json. @param folder where it lies, for errors */
export function parseCurve(text: string, folder: string): Curve {
  const source = join(folder, 'curve.json');
  const value = parseUserJson(text, source, 'a loss-curve/1 is wanted');
  const fault = schema.findFault(value);
  if (fault !== null)
    throw new UserError(
      `Cannot read ${source}: ${fault.instancePath.slice(1) || 'it'} ${fault.message}; a loss-curve/1 is wanted`,
    );
  const parsed = value as Curve;
  for (const key of ['lr', 'losses', 'envelope'] as const) {
    if (parsed[key].length === parsed.iters) continue;
    throw new UserError(
      `Cannot read ${source}: ${key} has ${parsed[key].length} entries; one for each of ${parsed.iters} iterations is wanted`,
    );
  }
  validateMoves(parsed, source);
  return parsed;
}

/** A loss curve that a constant fits says nothing of gradients and updates: a port that trains nothing would pass. */
function validateMoves({ losses, envelope }: Curve, source: string): void {
  const highest = Math.max(...losses.map((loss, at) => loss - lossFactor * envelope[at]!));
  const lowest = Math.min(...losses.map((loss, at) => loss + lossFactor * envelope[at]!));
  if (!(highest > lowest))
    throw new UserError(
      `Cannot use ${source}: a constant loss lies within ${lossFactor} × its envelope everywhere; losses that move are wanted`,
    );
  const falling = envelope.findIndex((figure, at) => at > 0 && figure < envelope[at - 1]!);
  if (falling > 0)
    throw new UserError(
      `Cannot use ${source}: its envelope falls at iteration ${falling}; a running maximum, which never does, is wanted`,
    );
}

function makeStep(curve: Curve, at: number): TrainingStep {
  const { batch, height, width } = curve.input;
  const dataSeed = curve.seed + seedStride * (at % curve.input.batches);
  const pixels = uniform(dataSeed, 'image', batch * 3 * height * width);
  const image = float32NdArray(
    [batch, 3, height, width],
    Float32Array.from(pixels, (u) => 4 * u - 2),
  );
  const draws = Object.entries(curve.draws).map(([name, draw]) => [name, makeDraw(curve, at, name, draw)] as const);
  return { image, label: makeLabel(curve, dataSeed), draws: new Map(draws) };
}

function makeDraw(curve: Curve, at: number, name: string, { shape, keep }: Curve['draws'][string]): NdArray {
  const values = uniform(curve.seed + seedStride * at, name, elementCount(shape));
  return float32NdArray(
    shape,
    Float32Array.from(values, (u) => (keep === undefined ? u : u < keep ? 1 : 0)),
  );
}

function makeLabel({ input, model }: Curve, seed: number): NdArray<'i8'> {
  const { batch, height, width, ignored } = input;
  const [rows, columns] = [Math.ceil(height / blockSide), Math.ceil(width / blockSide)];
  const classes = uniform(seed, 'label', batch * rows * columns);
  const left = uniform(seed, 'label.ignored', batch * rows * columns);
  const data = new BigInt64Array(batch * height * width);
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const block = (b * rows + Math.floor(y / blockSide)) * columns + Math.floor(x / blockSide);
        const isIgnored = left[block]! < ignored * (0.5 + b / (batch - 1));
        data[(b * height + y) * width + x] = isIgnored
          ? 255n
          : BigInt(Math.floor(classes[block]! * Number(model.num_classes)));
      }
    }
  }
  return { dtype: 'i8', shape: [batch, height, width], data };
}

function initialStatistic(name: string, shape: readonly number[]): NdArray {
  return float32NdArray(shape, new Float32Array(elementCount(shape)).fill(name.endsWith('_variance') ? 1 : 0));
}

/** Who makes the inputs anew must make the reference's own, bit for bit. */
function validateHashes(curve: Curve, steps: readonly TrainingStep[], folder: string): void {
  for (const at of [0, steps.length - 1]) {
    const { image, label, draws } = steps[at]!;
    const arrays = new Map<string, NdArray>([
      ['image', image],
      ['label', label],
    ]);
    for (const [name, draw] of draws) arrays.set(`draws/${name}`, draw);
    for (const [name, { data }] of arrays) {
      const found = createHash('sha256')
        .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
        .digest('hex');
      if (found === curve.sha256[`${at}/${name}`]) continue;
      throw new UserError(
        `Cannot use ${join(folder, 'curve.json')}: ${name} of step ${at} has the hash ${found}; ${curve.sha256[`${at}/${name}`] ?? 'one'} is wanted`,
      );
    }
  }
}
