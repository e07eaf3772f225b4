import { UserError } from '../../harness/support/errors.js';
import { buildTransforms } from '../augment/registry.js';
import type { Size, Transform } from '../augment/transform.js';
import type { Section } from '../yml/section.js';
import type { DataSet } from './data-set.js';

/**
 * Looks before training starts at what transforms can pad labels with: a value that is neither a class nor ignored
 * would else end a training when the first small picture comes.
 * @param owner the section with the transforms, such as `train_dataset`
 * @param sizes of the data set's pictures
 * @param ignoreIndex of the loss
 * @throws UserError for the first picture that can come to be padded so
 */
export async function checkPadding(
  owner: Section,
  { pairs, classes }: Pick<DataSet, 'pairs' | 'classes'>,
  sizes: readonly Size[],
  ignoreIndex: number,
): Promise<void> {
  const transforms = await buildTransforms(owner);
  const isLabel = (value: number) => value < classes || value === ignoreIndex;
  const paddings = sizes.map((size) => findPaddings(transforms, size).find(({ value }) => !isLabel(value)));
  const at = paddings.findIndex((padding) => padding !== undefined);
  if (at < 0) return;
  const { transform, value, size } = paddings[at]!;
  const section = owner.listAt('transforms')[transform]!;
  const others = paddings.filter((padding) => padding !== undefined).length - 1;
  const more = others === 0 ? '' : ` (so can ${others} more of ${sizes.length})`;
  throw new UserError(
    `Cannot train on ${pairs[at]!.image}: ${section.values.type} (${section.originOf()}) pads with ${value}, ignore_index is ${ignoreIndex}, and at that step the picture can be as small as ${size.width}×${size.height}${more}; ignore_index, or a class of 0 to ${classes - 1}, is wanted. Fix: label_padding_value: ${ignoreIndex}`,
  );
}

interface Padding {
  /** Place in the list. */
  readonly transform: number;
  readonly value: number;
  /** The smallest size at which the picture comes there. */
  readonly size: Size;
}

/** What a label can be padded with: each transform is given the smallest size that those before it can give. */
function findPaddings(transforms: readonly Transform[], given: Size): Padding[] {
  let size = given;
  return transforms.flatMap((transform, at) => {
    const here = size;
    size = transform.smallest?.(here) ?? here;
    const value = transform.labelPadding?.(here) ?? null;
    return value === null ? [] : [{ transform: at, value, size: here }];
  });
}
