import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NdArray } from '../../harness/contract/nd-array.js';
import { readWeightsFile, writeWeightsFile } from '../../harness/golden/weights-file.js';
import { trained } from './break-folder.js';
import type { BreakRow } from './break-row.js';

type Weights = Map<string, NdArray>;
const bias = 'decode_head.conv_seg.bias';

/** Weights that a run of whole_infer is given: those of the base run, changed. */
export const breaksOfWeights: readonly BreakRow[] = [
  changed('weights that are all 0', (weights) => fillAll(weights, () => 0)),
  changed('parameters that are all 0, with statistics as they were', (weights) =>
    fillAll(weights, (name, value) => (/\._(mean|variance)$/.test(name) ? value : 0)),
  ),
  {
    ...changed('one class that wins everywhere', (weights) =>
      fillAll(weights, (name, value, at) => (name === bias && at === 3 ? 1e4 : value)),
    ),
    mayBeReduced: true,
  },
  {
    ...changed('a last layer of which every weight is 0', (weights) =>
      fillAll(weights, (name, value) => (name.startsWith('decode_head.conv_seg') ? 0 : value)),
    ),
    mayBeReduced: true,
  },
  changed('a bias that is NaN', (weights) => fillAll(weights, (name, value) => (name === bias ? Number.NaN : value))),
  changed('weights so large that logits are infinite', (weights) =>
    fillAll(weights, (name, value) => (name === 'decode_head.conv_seg.weight' ? value * 1e38 : value)),
  ),
  changed('variances below 0', (weights) =>
    fillAll(weights, (name, value) => (name.endsWith('._variance') ? -1 - value : value)),
  ),
  changed('a tensor that is missing', (weights) => weights.delete(bias)),
  changed('a tensor of another shape', (weights) =>
    weights.set(bias, { dtype: 'f4', shape: [5], data: new Float32Array(5) }),
  ),
  {
    name: 'weights that are cut',
    async breakIt(folder) {
      const bytes = await readFile(join(folder.path, trained, 'best_model', 'model.pdparams'));
      await mkdir(join(folder.path, 'released'));
      await writeFile(join(folder.path, 'released', 'model.pdparams'), bytes.subarray(0, bytes.length / 2));
      return folder.run('whole_infer');
    },
  },
  {
    name: 'weights of another network',
    async breakIt(folder) {
      await mkdir(join(folder.path, 'released'));
      await folder.ask('weights', 'segnext-t', '--out', 'released/model.pdparams');
      return folder.run('whole_infer');
    },
  },
];

function changed(name: string, change: (weights: Weights) => unknown): BreakRow {
  return {
    name,
    async breakIt(folder) {
      const weights = await readWeightsFile(join(folder.path, trained, 'best_model', 'model.pdparams'));
      change(weights);
      await mkdir(join(folder.path, 'released'));
      await writeWeightsFile(join(folder.path, 'released', 'model.pdparams'), weights);
      return folder.run('whole_infer');
    },
  };
}

function fillAll(weights: Weights, value: (name: string, before: number, at: number) => number): void {
  for (const [name, array] of weights) {
    if (!(array.data instanceof Float32Array)) continue;
    weights.set(name, { ...array, dtype: 'f4', data: array.data.map((before, at) => value(name, before, at)) });
  }
}
