import type Sharp from 'sharp';
import { EnvironmentError, messageOf } from '../../harness/support/errors.js';

/** The image decoder, loaded when the first image is read: only training and what reads photographs needs it. */
export async function loadSharp(): Promise<typeof Sharp> {
  try {
    const { default: sharp } = await import('sharp');
    // The loader's workers are the parallelism; libvips' own threads would compete with the training step.
    sharp.concurrency(1);
    sharp.cache(false);
    return sharp;
  } catch (error) {
    throw new EnvironmentError(
      `Cannot read images: the package sharp does not load (${messageOf(error).split('\n')[0]}); it decodes them. Fix: npm install sharp@0.34.5`,
    );
  }
}
