import type { ModelSection } from '../../harness/contract/port.js';
import { cannot, UserError } from '../../harness/support/errors.js';
import { imageChannels } from '../../models/image-channels.js';
import type { DataSet } from '../data/data-set.js';
import type { Section } from '../yml/section.js';

/** What pictures are read as: colours, or grey. */
export type PictureChannels = 1 | 3;

/**
 * As what pictures are read that no data set names: as many channels as the model takes.
 * @param section the data set's whose transforms are used, where there is one; its `img_channels` must not say
 *   otherwise
 * @throws UserError
 */
export async function pictureChannels(model: ModelSection, section: Section | null): Promise<PictureChannels> {
  const channels = await imageChannels(model);
  const said = section?.values.img_channels;
  if (typeof said === 'number' && said !== channels)
    throw channelsError(section!.originOf('img_channels'), said, channels);
  if (channels === 1 || channels === 3) return channels;
  throw new UserError(
    `Cannot read pictures for the model: its in_channels is ${channels}, and pictures are read as 1 channel or 3; 1 or 3 is wanted`,
  );
}

/** @throws UserError where the data set's pictures have other channels than the model takes */
export async function validateChannels(
  model: ModelSection,
  { channels, origin }: Pick<DataSet, 'channels' | 'origin'>,
): Promise<void> {
  const wanted = await imageChannels(model);
  if (channels !== wanted) throw channelsError(origin, channels, wanted);
}

function channelsError(origin: string, is: number, wanted: number): UserError {
  const found = `its pictures have img_channels ${is}, and the model takes in_channels ${wanted}`;
  const fix = `img_channels: ${wanted} in the data set, or in_channels: ${is} in the backbone`;
  return cannot('use', origin, found, 'as many are wanted', fix);
}
