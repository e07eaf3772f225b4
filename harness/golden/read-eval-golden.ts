import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Dtype, NdArray } from '../contract/nd-array.js';
import { cannot, UserError } from '../support/errors.js';
import { packageRoot } from '../support/package-root.js';
import { parseUserJson } from '../support/parse-json.js';
import { packageSchema } from '../support/schema.js';
import { suggest } from '../support/suggest.js';
import { readBundleFile, readBundleFiles } from './bundle-files.js';

/** What a whole evaluation should give, of format `eval-golden/1` (docs/eval-goldens.md). */
export interface EvalGolden {
  readonly id: string;
  readonly folder: string;
  readonly sha256: string;
  /** Absolute paths. */
  readonly configPath: string;
  readonly datasetRoot: string;
  readonly weightsPath: string;
  /** Null: the network draws nothing. */
  readonly bases: { readonly seed: number; readonly name: string } | null;
  readonly classNames: readonly string[];
  readonly ignoreIndex: number;
  readonly images: readonly { readonly name: string; readonly height: number; readonly width: number }[];
  readonly modes: readonly GoldenMode[];
  readonly madeBy: Readonly<Record<string, unknown>>;
}

export interface GoldenMode {
  readonly name: string;
  /** A yml's `test_config`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly metrics: EvalMetrics;
  readonly images: readonly GoldenPrediction[];
}

/** By the names of harness/metrics/figures; PaddleSeg prints the first four. */
export interface EvalMetrics {
  readonly mIoU: number;
  readonly Acc: number;
  readonly Kappa: number;
  readonly Dice: number;
  readonly [figure: string]: number;
}

/** One image in one mode. */
export interface GoldenPrediction {
  /** Rows are labels, columns predictions. */
  readonly confusion: readonly (readonly number[])[];
  readonly logitsRms: number;
  /** Of the reference's own float32 logits. */
  readonly noise: { readonly relRms: number; readonly maxOverRms: number };
  /** A pixel that is not in `close` has at least this margin. */
  readonly closeBelow: number;
  /** [h, w] */
  readonly labels: Uint8Array;
  /** Flat positions, ascending, of pixels with a smaller margin. */
  readonly close: Int32Array;
  readonly margins: Float32Array;
  /** At `samplePositions(logitsSeed, '<mode>/<image>', length, classes · h · w)`. */
  readonly logits: Float32Array;
}

/** Of the positions of sampled logits (docs/eval-goldens.md). */
export const logitsSeed = 7;

/** Short names of the eval goldens under fixtures/eval of the package, sorted. */
export function listShippedEvalGoldens(): readonly string[] {
  if (!existsSync(shippedFolder)) return [];
  return readdirSync(shippedFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(shippedFolder, entry.name, 'golden.json')))
    .map((entry) => entry.name)
    .sort();
}

/**
 * Reads and validates an eval golden: a folder with a golden.json, or the short name of a shipped one.
 * @throws UserError that names the file and what is wrong
 */
export async function readEvalGolden(nameOrFolder: string): Promise<EvalGolden> {
  const folder = resolveFolder(nameOrFolder);
  const text = await readText(folder);
  const file = parseFile(text, folder);
  const files = await readBundleFiles(folder, file.sha256);
  for (const named of [file.config, file.weights]) files.bytes(named, 'golden.json');
  validateCounts(file, folder);
  const array = (key: string, dtype: Dtype, shape?: readonly number[]): NdArray =>
    files.array({ file: file.arrays, key }, key, { dtypes: [dtype], ...(shape === undefined ? {} : { shape }) });

  return {
    id: file.id,
    folder,
    sha256: createHash('sha256').update(text).digest('hex'),
    configPath: join(folder, file.config),
    datasetRoot: join(folder, file.dataset_root),
    weightsPath: join(folder, file.weights),
    bases: file.bases === undefined ? null : { seed: file.bases.seed, name: file.bases.name },
    classNames: file.class_names,
    ignoreIndex: file.ignore_index,
    images: file.images,
    modes: file.modes.map(({ name, options, images, ...metrics }) => ({
      name,
      options,
      metrics: metrics as Readonly<Record<string, unknown>> as EvalMetrics,
      images: images.map((image, at) => {
        const { height, width } = file.images[at]!;
        const key = `${name}/${at}`;
        const close = array(`${key}/close`, 'i4').data as Int32Array;
        return {
          confusion: image.confusion,
          logitsRms: image.logits_rms,
          noise: { relRms: image.noise.rel_rms, maxOverRms: image.noise.max_over_rms },
          closeBelow: image.close_below * image.logits_rms,
          labels: array(`${key}/labels`, 'u1', [height, width]).data as Uint8Array,
          close: validateClose(close, height * width, `${folder}: ${key}/close`),
          margins: array(`${key}/margins`, 'f4', [close.length]).data as Float32Array,
          logits: array(`${key}/logits`, 'f4').data as Float32Array,
        };
      }),
    })),
    madeBy: file.made_by,
  };
}

/** golden.json, as its schema has it. */
interface EvalGoldenFile {
  readonly id: string;
  readonly config: string;
  readonly dataset_root: string;
  readonly weights: string;
  readonly bases?: { readonly scheme: 'uniform/1'; readonly seed: number; readonly name: string };
  readonly classes: number;
  readonly class_names: readonly string[];
  readonly ignore_index: number;
  readonly images: readonly { readonly name: string; readonly height: number; readonly width: number }[];
  readonly arrays: string;
  readonly modes: readonly ({
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly images: readonly {
      readonly confusion: readonly (readonly number[])[];
      readonly logits_rms: number;
      readonly noise: { readonly rel_rms: number; readonly max_over_rms: number };
      readonly close_below: number;
    }[];
  } & EvalMetrics)[];
  readonly sha256: Readonly<Record<string, string>>;
  readonly made_by: Readonly<Record<string, unknown>>;
}

const shippedFolder = join(packageRoot, 'fixtures', 'eval');

const schema = packageSchema('harness/golden/eval-golden.schema.json');

function resolveFolder(nameOrFolder: string): string {
  if (existsSync(join(nameOrFolder, 'golden.json'))) return nameOrFolder;
  const shipped = listShippedEvalGoldens();
  if (shipped.includes(nameOrFolder)) return join(shippedFolder, nameOrFolder);
  throw new UserError(
    `Cannot find the eval golden ${nameOrFolder}: there is no such folder with a golden.json; one, or one of ${shipped.join(', ') || 'no shipped ones'} is wanted.${suggest(nameOrFolder, shipped)}`,
  );
}

async function readText(folder: string): Promise<string> {
  const content = await readBundleFile(folder, 'golden.json', 'golden.json', 'a readable file is wanted');
  return content.toString('utf8');
}

function parseFile(text: string, folder: string): EvalGoldenFile {
  const source = join(folder, 'golden.json');
  const parsed = parseUserJson(text, source, 'an eval-golden/1 is wanted');
  const fault = schema.findFault(parsed);
  if (fault === null) return parsed as EvalGoldenFile;
  const { instancePath, message, params } = fault;
  const extra = typeof params.additionalProperty === 'string' ? ` (${params.additionalProperty})` : '';
  throw new UserError(
    `Cannot read ${source}: ${instancePath === '' ? 'the file' : instancePath} ${message}${extra}; an eval-golden/1 is wanted (docs/eval-goldens.md)`,
  );
}

/** What the schema cannot say: the parts of the file agree with each other. */
function validateCounts({ classes, class_names, images, modes }: EvalGoldenFile, folder: string): void {
  const source = join(folder, 'golden.json');
  if (class_names.length !== classes)
    throw cannot(
      'read',
      source,
      `class_names has ${class_names.length} entries`,
      `${classes} are wanted, as classes says`,
    );
  const names = modes.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw cannot('read', source, `modes has ${twice} twice`, 'each once is wanted');
  for (const { name, images: predictions } of modes) {
    if (predictions.length !== images.length)
      throw cannot(
        'read',
        source,
        `mode ${name} has ${predictions.length} images`,
        `${images.length} are wanted, as images has`,
      );
    const at = predictions.findIndex(
      ({ confusion }) => confusion.length !== classes || confusion.some((row) => row.length !== classes),
    );
    if (at >= 0)
      throw new UserError(
        `Cannot read ${source}: mode ${name}, image ${at}: its confusion is not ${classes} by ${classes}`,
      );
  }
}

function validateClose(close: Int32Array, pixels: number, source: string): Int32Array {
  const wrong = close.findIndex(
    (position, at) => position < 0 || position >= pixels || position <= (close[at - 1] ?? -1),
  );
  if (wrong < 0) return close;
  throw new UserError(
    `Cannot read ${source}: element ${wrong} is ${close[wrong]}; ascending positions below ${pixels} are wanted`,
  );
}
