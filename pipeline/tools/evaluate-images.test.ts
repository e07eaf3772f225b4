import t from 'tap';
import { float32NdArray } from '../../harness/contract/nd-array.js';
import type { LoadedModel } from '../../harness/contract/port.js';
import { writeTestDataSet, writeTestLabel } from '../data/data-for-tests.js';
import { openDataSet } from '../data/data-set.js';
import { readKept } from '../evaluate/kept-evaluation.js';
import { plainTest } from '../infer/test-config.js';
import { evaluateImages } from './evaluate-images.js';

const decoder = {
  channels: 256,
  ham_channels: 256,
  ham_kwargs: { MD_R: 16 },
  dropout_rate: 0.1,
  align_corners: false,
};

t.test('a label that changes after it was decoded is not believed when the evaluation goes on', async (t) => {
  const folder = t.testdir();
  const dataSet = await openDataSet(writeTestDataSet(folder, 2, [], 'val'));
  let forwards = 0;
  const loaded: LoadedModel = {
    async infer({ inputs }, onProbe) {
      // The first picture's label was read; of the second the file is left as it is.
      if (forwards++ === 0) writeTestLabel(dataSet.pairs[0]!.label!, 24, 20, 3);
      const [, , height, width] = inputs.get('image')!.shape;
      onProbe('logits', float32NdArray([1, 4, height!, width!], new Float32Array(4 * height! * width!)));
    },
    dispose: async () => undefined,
  };
  await evaluateImages({
    loaded,
    model: { type: 'SegNeXt', backbone: { type: 'MSCAN_T' }, decoder_cfg: decoder, num_classes: 4 },
    bases: { kind: 'fixed', seed: 5, name: 'bases' },
    recipe: { dataSet, transforms: [{ type: 'Normalize' }], seed: 0 },
    testConfig: plainTest,
    workers: 0,
    ranks: null,
    keep: { folder, evaluation: 0 },
  });
  const kept = async (at: number) => readKept(folder, `0-${at}`, dataSet.pairs[at]!, 4);
  t.equal(await kept(0), 'changed');
  t.match(await kept(1), { classes: 4 });
});
