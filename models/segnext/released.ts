import type { ReleasedModel } from '../released-model.js';

/** Source: the table "Performance, Cityscapes" in configs/segnext/README.md of PaddleSeg, release 2.8. */
export const releasedModels: readonly ReleasedModel[] = [
  released('t', { ss: 81.04, flip: 81.2, 'ms+flip': 81.43 }),
  released('s', { ss: 81.33, flip: 81.44, 'ms+flip': 81.47 }),
  released('b', { ss: 82.74, flip: 82.84, 'ms+flip': 83.01 }),
  released('l', { ss: 83.32, flip: 83.38, 'ms+flip': 83.6 }),
];

function released(size: string, published: ReleasedModel['published']): ReleasedModel {
  const config = `segnext_mscan_${size}_cityscapes_1024x1024_160k`;
  const address = `https://paddleseg.bj.bcebos.com/dygraph/cityscapes/${config}`;
  return {
    name: `segnext-${size}`,
    model: { type: 'SegNeXt', backbone: { type: `MSCAN_${size.toUpperCase()}` } },
    config: `configs/segnext/${config}.yml`,
    weights: `${address}/model.pdparams`,
    trainLog: `${address}/train.log`,
    dataSet: { name: 'Cityscapes val', images: 500 },
    published,
  };
}
