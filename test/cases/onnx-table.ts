import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseRow, CaseTable } from './case-row.js';
import type { Place, Ran } from './place.js';
import { type Masks, readMasks } from './read-masks.js';

interface Wanted {
  readonly exit: number;
  readonly says?: readonly RegExp[];
  /** Of predict: what its masks are, beside those of layers.onnx. */
  readonly masks?: 'equal' | 'reversed' | 'its own';
}
type Three = readonly [judge: Wanted, val: Wanted, predict: Wanted];

const mIoU = (value: string): Wanted => ({ exit: 0, says: [new RegExp(`mIoU: ${value} `)] });
const refused = (...says: RegExp[]): Wanted => ({ exit: 2, says: [/^Cannot /m, ...says] });
const passes: Wanted = { exit: 0, says: [/353 probes/] };
const roundedWeights = /519 of 519 compared, equal to the bundle's rounded to float16/;
const equal: Wanted = { exit: 0, masks: 'equal' };
/** Of foreign names: the judge finds them by value. */
const faulted = (layer: string): Three => [
  { exit: 1, says: [/353 probes/, new RegExp(`goes wrong\\s+first at\\s+${layer.replaceAll('.', '\\.')}\\.`)] },
  mIoU('0\\.2129'),
  { exit: 0, masks: 'its own' },
];
/** By the limits of float32, and by those that are offered. */
const halves: Three = [
  {
    exit: 1,
    says: [
      /float16 (throughout|inside) \(fp16\); .*; judged by the limits of float32, and --precision fp16 /,
      roundedWeights,
    ],
  },
  { exit: 0, says: [/mIoU: 0\.2/, /fp16|float16/] },
  { exit: 0, says: [/fp16|float16/] },
];

const halvesPass: Wanted = { exit: 0, says: [/ in fp16 +353 probes/, roundedWeights] };

/** ONNX files as porters have them. */
const files: Readonly<Record<string, Three>> = {
  '../layers': [passes, mIoU('0\\.2129'), equal],
  classes_reversed: [{ exit: 1, says: [/logits/, /352/] }, mIoU('0\\.1636'), { exit: 0, masks: 'reversed' }],
  output_renamed: [passes, mIoU('0\\.2129'), equal],
  argmax: [refused(/label/), mIoU('0\\.2129'), equal],
  softmax: [refused(/[Ss]oftmax/), mIoU('0\\.2129'), equal],
  external: [passes, mIoU('0\\.2129'), equal],
  nhwc: [passes, refused(), refused()],
  fixed_96x96: [refused(/96/, /tipcheck golden/), refused(/96/, /256|512/), refused(/96/, /256|512/)],
  fp16: halves,
  fp16_inside: halves,
  renamed: [passes, mIoU('0\\.2129'), equal],
  renamed_epsilon: faulted('backbone.norm3'),
  'renamed_weight_x_1.01': faulted('backbone.block3.2.mlp.fc1'),
  truncated: Array(3).fill(refused(/the file ends after 5000 bytes|ends after 5,000 bytes/)) as unknown as Three,
  lfs: Array(3).fill(refused(/a Git LFS pointer, not the file/, /git lfs pull/)) as unknown as Three,
};

/** Options that average logits, which labels and probabilities do not allow. */
const averages: readonly (readonly [file: string, option: string])[] = [
  ['argmax', '--aug_eval --flip_horizontal'],
  ['argmax', '--aug_eval --scales 0.75 1.0'],
  ['argmax', '--is_slide --crop_size 256 256 --stride 192 192'],
  ['softmax', '--aug_eval --flip_horizontal'],
  ['softmax', '--aug_eval --scales 0.75 1.0'],
];

export const onnxTable: CaseTable = {
  name: 'onnx',
  python: ['onnx', 'numpy', 'onnxconverter_common'],
  async prepare(place) {
    const { exitCode, stderr } = await place.shell(makeFiles);
    if (exitCode !== 0) throw new Error(stderr);
  },
  rows: [
    ...Object.entries(files).flatMap(([name, [judge, val, predict]]) => [
      row(`${name} judge`, judge, (place) => place.tipcheck(['judge', `onnx/${name}.onnx`, 'segnext-t'])),
      row(`${name} val`, val, (place) => evaluate(place, name)),
      row(`${name} predict`, predict, (place) => predictWith(place, name), name),
    ]),
    ...['fp16', 'fp16_inside'].map((name) =>
      row(`${name} judge --precision fp16`, halvesPass, (place) =>
        place.tipcheck(['judge', `onnx/${name}.onnx`, 'segnext-t', '--precision', 'fp16']),
      ),
    ),
    ...averages.map(([name, option]) =>
      row(`${name} val ${option}`, refused(), (place) => evaluate(place, name, option.split(' '))),
    ),
    ...['ln -s ../onnx/external.data', 'mkfifo'].map((make) => ({
      ...{
        name: `external data by ${make.split(' ')[0]}`,
        point: 'E17 external data',
        exit: [2],
        says: [/external\.data/],
      },
      async run(place: Place) {
        await place.shell(
          `rm -rf linked && mkdir linked && cp onnx/external.onnx linked && cd linked && ${make} external.data`,
        );
        return place.tipcheck(['judge', 'linked/external.onnx', 'segnext-t'], { seconds: 60 });
      },
    })),
  ],
};

const makeFiles = `
set -e
tipcheck() { node "$TIPCHECK/cli/tipcheck.mjs" "$@"; }
tipcheck weights segnext-t --out w.npz
tipcheck export --layers --config "$TIPCHECK/configs/segnext/segnext_mscan_t_cityscapes_1024x1024_160k.yml" --model_path w.npz --out layers.onnx
python3 "$CASES/onnx/make.py" layers.onnx onnx
sh "$CASES/tipc/workspace.sh" street-work
cp "$CASES/onnx/val.yml" street-work
`;

function row(name: string, wanted: Wanted, run: (place: Place) => Promise<Ran>, file?: string): CaseRow {
  const { exit, says = [], masks } = wanted;
  return {
    ...{ name, point: 'A1 graph output, B7 exit codes, C14 fp16', exit: [exit], says, run },
    check: async (place) =>
      masks === undefined || file === undefined
        ? []
        : compareMasks(masks, await masksOf(place, file), await baseMasks(place)),
  };
}

const evaluate = (place: Place, name: string, options: readonly string[] = []): Promise<Ran> =>
  place.tipcheck(['val', '--config', 'val.yml', '--model_path', `../onnx/${name}.onnx`, ...options], {
    cwd: place.path('street-work'),
  });

function predictWith(place: Place, name: string): Promise<Ran> {
  const pictures = ['--image_path', 'street/infer.list', '--save_dir', `../predicted/${name}`];
  return place.tipcheck(['predict', '--config', 'val.yml', '--model_path', `../onnx/${name}.onnx`, ...pictures], {
    cwd: place.path('street-work'),
  });
}

const baseMasks = (place: Place): Promise<Masks> =>
  place.once('masks of layers.onnx', async () => {
    await predictWith(place, '../layers');
    return masksOf(place, '../layers');
  });

async function masksOf(place: Place, name: string): Promise<Masks> {
  const folder = place.path('predicted', name, 'pseudo_color_prediction');
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return readMasks(
    names
      .filter((path) => path.endsWith('.png'))
      .sort()
      .map((path) => join(folder, path)),
  );
}

function compareMasks(wanted: NonNullable<Wanted['masks']>, actual: Masks, expected: Masks): readonly string[] {
  if (actual.length !== 2 || expected.length !== 2) return [`${actual.length} masks; 2 are wanted`];
  const differ = (label: (expected: number) => number) =>
    actual.reduce(
      (sum, mask, at) => sum + mask.filter((value, pixel) => value !== label(expected[at]![pixel]!)).length,
      0,
    );
  if (wanted === 'its own') return [];
  const count = wanted === 'equal' ? differ((label) => label) : differ((label) => 18 - label);
  // Two classes may stand so near that another graph of the same numbers rounds to the other.
  return count <= 2 ? [] : [`${count} pixels of the masks are not what is wanted (${wanted})`];
}
