import { UserError } from '../../harness/support/errors.js';
import type { RandomSource } from '../augment/random-source.js';
import type { Sample } from '../augment/sample.js';
import { defineTransform } from '../augment/transform.js';
import { crop } from '../image/crop.js';
import { padBottomRight } from '../image/pad.js';
import type { LabelMap } from '../image/raster.js';
import { byte, integerFrom, number, numberAbove, size } from '../yml/arguments.js';

interface Values {
  readonly crop_size: readonly [number, number];
  readonly im_padding_value: number;
  readonly label_padding_value: number;
  readonly category_max_ratio: number;
  readonly ignore_index: number;
  readonly loop_times: number;
}

/** The windows' first pixels as [y, x], in the order in which they are tried. */
interface Draws {
  readonly offsets: readonly (readonly [number, number])[];
}

/**
 * Cuts a window out, after padding below and to the right up to its size. Below a `category_max_ratio` of 1, a window
 * is taken that shows two classes or more and none in a larger share; after `loop_times` others, the next one whatever
 * it shows. An image of just the window's size stays as it is.
 *
 * Source: RandomPaddingCrop of PaddleSeg 2.8.0. Differs: with a ratio below 1, PaddleSeg 2.8.0 puts the label's window
 * in the image's place where it accepts one and leaves the image uncut where it accepts none; here the image is cut as
 * its label is, as in PaddleSeg's earlier versions.
 */
export const transform = defineTransform<Values, Draws>({
  type: 'RandomPaddingCrop',
  arguments: {
    crop_size: size([512, 512]),
    im_padding_value: number(127.5),
    label_padding_value: byte(255),
    category_max_ratio: numberAbove(0, 1),
    ignore_index: integerFrom(0, 255),
    loop_times: integerFrom(1, 10),
  },
  create(values) {
    const [width, height] = values.crop_size;
    return {
      draw(sample, random) {
        if (hasSize(sample, height, width)) return { offsets: [] };
        const tries = values.category_max_ratio < 1 ? values.loop_times + 1 : 1;
        return { offsets: Array.from({ length: tries }, () => drawOffset(sample, random, height, width)) };
      },
      apply(sample, { offsets }) {
        if (hasSize(sample, height, width)) return sample;
        const padded = padSample(sample, height, width, values);
        const [y, x] = chooseOffset(padded, offsets, values);
        return {
          ...padded,
          image: crop(padded.image, y, x, height, width),
          label: padded.label && crop(padded.label, y, x, height, width),
        };
      },
      smallest: () => ({ width, height }),
      labelPadding: (size) => (size.width < width || size.height < height ? values.label_padding_value : null),
    };
  },
});

function hasSize({ image }: Sample, height: number, width: number): boolean {
  return image.height === height && image.width === width;
}

function drawOffset({ image }: Sample, random: RandomSource, height: number, width: number): [number, number] {
  const y = random.below(Math.max(image.height - height, 0) + 1);
  const x = random.below(Math.max(image.width - width, 0) + 1);
  return [y, x];
}

function padSample(sample: Sample, height: number, width: number, values: Values): Sample {
  const down = Math.max(height, sample.image.height);
  const right = Math.max(width, sample.image.width);
  return {
    ...sample,
    image: padBottomRight(sample.image, down, right, values.im_padding_value),
    label: sample.label && padBottomRight(sample.label, down, right, values.label_padding_value),
  };
}

function chooseOffset({ label }: Sample, offsets: Draws['offsets'], values: Values): readonly [number, number] {
  if (values.category_max_ratio >= 1) return offsets[0]!;
  if (label === null)
    throw new UserError(
      'Cannot crop by category_max_ratio: no label goes with the image in this mode; RandomPaddingCrop without it is wanted',
    );
  const tried = offsets.slice(0, values.loop_times);
  return tried.find(([y, x]) => showsEnough(label, y, x, values)) ?? offsets[values.loop_times]!;
}

/** Whether a window shows several classes, none of them in `category_max_ratio` of what is not ignored. */
function showsEnough(label: LabelMap, y: number, x: number, values: Values): boolean {
  const [width, height] = values.crop_size;
  const counts = new Uint32Array(256);
  for (let row = y; row < y + height; row++) {
    for (let at = row * label.width + x; at < row * label.width + x + width; at++) counts[label.data[at]!]!++;
  }
  if (values.ignore_index < counts.length) counts[values.ignore_index] = 0;
  const shown = counts.filter((count) => count > 0);
  const sum = shown.reduce((total, count) => total + count, 0);
  return shown.length > 1 && Math.max(...shown) / sum < values.category_max_ratio;
}
