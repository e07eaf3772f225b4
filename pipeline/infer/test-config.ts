import { type Argument, argumentError, boolean, optional, readArguments, size } from '../yml/arguments.js';
import type { Section } from '../yml/section.js';

/** How an image is tested: a yml's `test_config`, or what a command line says in its place. */
export interface TestConfig {
  /** Over scales and flips. */
  readonly augmented: boolean;
  readonly scales: readonly number[];
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
  /** [width, height] each; null: the whole image at once. */
  readonly windows: { readonly cropSize: Pair; readonly stride: Pair } | null;
}

type Pair = readonly [number, number];

/** One forward pass over the whole image. */
export const plainTest: TestConfig = {
  augmented: false,
  scales: [1],
  flipHorizontal: false,
  flipVertical: false,
  windows: null,
};

interface Values {
  readonly aug_eval: boolean;
  readonly scales: readonly number[];
  readonly flip_horizontal: boolean;
  readonly flip_vertical: boolean;
  readonly is_slide: boolean;
  readonly crop_size: Pair | null;
  readonly stride: Pair | null;
  readonly auc_roc: false;
  readonly use_multilabel: false;
}

const scaleList: Argument<readonly number[]> = {
  wanted: 'a number above 0 or a list of them',
  fallback: [1],
  parse(value) {
    const list: unknown[] = Array.isArray(value) ? value : [value];
    const good = list.length > 0 && list.every((item) => typeof item === 'number' && item > 0 && Number.isFinite(item));
    return good ? (list as number[]) : undefined;
  },
};

const never = (what: string): Argument<false> => ({
  wanted: `false, as tipcheck has no ${what},`,
  fallback: false,
  parse: (value) => (value === false ? false : undefined),
});

/**
 * Source: the keyword arguments of evaluate in paddleseg/core/val.py, 2.8.0. Scales and flips count with `aug_eval`
 * alone. Differs: a whole number is a scale too, which the reference refuses.
 * @throws UserError that names the key
 */
export function parseTestConfig(section: Section): TestConfig {
  const values = readArguments<Values>(section, 'test_config', {
    aug_eval: boolean(false),
    scales: scaleList,
    flip_horizontal: boolean(false),
    flip_vertical: boolean(false),
    is_slide: boolean(false),
    crop_size: optional(size()),
    stride: optional(size()),
    auc_roc: never('ROC curve'),
    use_multilabel: never('several labels a pixel'),
  });
  const { crop_size: cropSize, stride } = values;
  if (values.is_slide && cropSize === null)
    throw argumentError(section, 'crop_size', '[width, height], as is_slide is set,');
  if (values.is_slide && stride === null)
    throw argumentError(section, 'stride', '[width, height], as is_slide is set,');
  return {
    augmented: values.aug_eval,
    scales: values.aug_eval ? values.scales : [1],
    flipHorizontal: values.aug_eval && values.flip_horizontal,
    flipVertical: values.aug_eval && values.flip_vertical,
    windows: values.is_slide && cropSize !== null && stride !== null ? { cropSize, stride } : null,
  };
}
