import type { ReleasedModel } from '../released-model.js';

/** Source: the table "Performance, Cityscapes" in configs/lpsnet/README.md of PaddleSeg, release 2.8. */
export const releasedModels: readonly ReleasedModel[] = [
  released('s', { ratios: [0.75, 0.25], channels: [8, 24, 48, 96, 96] }, { ss: 71.73, flip: 72.71, 'ms+flip': 73.61 }),
  released('m', { ratios: [1, 0.25], channels: [8, 24, 48, 96, 96] }, { ss: 75.29, flip: 76.03, 'ms+flip': 77.12 }),
  released('l', { ratios: [1, 0.25], channels: [8, 24, 64, 160, 160] }, { ss: 75.72, flip: 76.53, 'ms+flip': 77.5 }),
];

interface Size {
  readonly ratios: readonly number[];
  readonly channels: readonly number[];
}

function released(size: string, { ratios, channels }: Size, published: ReleasedModel['published']): ReleasedModel {
  const config = `lpsnet_${size}_cityscapes_1536x1024_200k`;
  const address = `https://paddleseg.bj.bcebos.com/dygraph/cityscapes/${config}`;
  return {
    name: `lpsnet-${size}`,
    model: { type: 'LPSNet', depths: [1, 3, 3, 10, 10], channels, scale_ratios: ratios },
    config: `configs/lpsnet/${config}.yml`,
    weights: `${address}/model.pdparams`,
    trainLog: `${address}/train.log`,
    dataSet: { name: 'Cityscapes val', images: 500 },
    published,
  };
}
